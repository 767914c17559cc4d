import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { WeftError } from "../../protocol/errors.ts";
import type { Log } from "../../runtime/log.ts";
import type { ApiError } from "../api.ts";
import type { ProjectorService } from "../projectorService.ts";
import { apiError, Refusal } from "../refusal.ts";
import { malformedText, maxTextBytes } from "./textRequest.ts";
import type { TextService } from "./textService.ts";

/** The service, or what a projector without one says. @throws Refusal TEXT_OFF */
export function textOf(text: TextService | undefined): TextService {
  if (text !== undefined) return text;
  throw new Refusal(404, "TEXT_OFF", "this projector lets nobody write", "Start it with --text.");
}

/** `POST /api/text`. */
export function textRoutes(
  app: Hono,
  service: ProjectorService,
  text: TextService | undefined,
  log: Log,
): void {
  const onError = () => {
    throw new Refusal(
      413,
      "TEXT_TOO_LARGE",
      `a request has at most ${maxTextBytes} bytes`,
      "Shorten the prompt.",
    );
  };
  app.post("/api/text", bodyLimit({ maxSize: maxTextBytes, onError }), async (context) => {
    // Pages of others can send text here, but no JSON.
    if (!/^application\/json\b/.test(context.req.header("content-type") ?? ""))
      throw malformedText("the content type");
    const body: unknown = await context.req.json().catch(() => {
      throw malformedText("the body");
    });
    const events = textOf(text).write(service.projected, body, context.req.raw.signal);
    // Whatever goes wrong before the first token is told as any other error.
    const first = await events.next();
    return streamSSE(context, async (stream) => {
      // Not waited for while texts are written: a slow reader must not keep others waiting. It is some 100 kB at most.
      let told = Promise.resolve();
      const tell = (event: string, data: unknown) => {
        told = told.then(() => stream.writeSSE({ event, data: JSON.stringify(data) }));
      };
      try {
        if (!first.done) tell(first.value.type, first.value);
        for await (const event of events) tell(event.type, event);
      } catch (error) {
        if (context.req.raw.signal.aborted) return;
        if (!(error instanceof WeftError)) log.error("a text failed", { cause: error });
        const unexpected: ApiError = {
          code: "UNEXPECTED",
          message: "the text failed",
          hint: "The log says why.",
        };
        tell("error", error instanceof WeftError ? apiError(error) : unexpected);
      }
      await told;
    });
  });
}
