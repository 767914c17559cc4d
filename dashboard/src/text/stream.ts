import type { TextEvent, TextRequest } from "../../../workers/projector/apiText.ts";
import { ApiFailure, ask, errorOf, type Fetch } from "../api.ts";

/** Characters of one event beyond which a stream is none of a projector. */
const longestEvent = 100_000;

/**
 * Asks the projector for a text and gives its events up to `end`.
 * @throws ApiFailure: what it refuses, an event `error`, or CUT where the stream ends before the text; the signal's reason
 */
export async function* writeText(
  fetch: Fetch,
  request: TextRequest,
  signal: AbortSignal,
): AsyncGenerator<TextEvent, void, undefined> {
  const answer = await ask(fetch, "./api/text", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify(request),
    signal,
  });
  if (answer.body === null) throw cut();
  try {
    for await (const { event, data } of eventsOf(answer.body)) {
      if (event === "error") throw new ApiFailure(errorOf(data, answer.status), answer.status);
      const told = textEvent(event, data);
      if (told === undefined) continue;
      yield told;
      if (told.type === "end") return;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof ApiFailure ? cause : cut(cause);
  }
  throw cut();
}

/** Server-sent events with JSON in them. @throws SyntaxError; RangeError for one that is too long */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ readonly event: string; readonly data: unknown }, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      if (rest.length > longestEvent) throw new RangeError("the event is too long");
      for (const block of blocks) {
        const field = (name: string) =>
          block
            .split("\n")
            .filter((line) => line.startsWith(`${name}: `))
            .map((line) => line.slice(name.length + 2))
            .join("\n");
        const data = field("data");
        if (data !== "") yield { event: field("event"), data: JSON.parse(data) };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Undefined for an event of another kind. */
function textEvent(event: string, data: unknown): TextEvent | undefined {
  if (event === "start" || event === "end") return { type: event };
  const { model, text } = Object(data) as { readonly model?: unknown; readonly text?: unknown };
  if (event !== "text" || typeof model !== "number" || typeof text !== "string") return undefined;
  return { type: "text", model, text };
}

function cut(cause?: unknown): ApiFailure {
  const error = { code: "CUT", message: "The text ended in the middle.", hint: "Ask for it again." };
  return new ApiFailure(error, 0, { cause });
}
