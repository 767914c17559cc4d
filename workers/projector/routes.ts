import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import { maxReportBytes } from "../protocol/metricReport.ts";
import type { Log } from "../runtime/log.ts";
import { ProjectorMetrics } from "../telemetry/projectorMetrics.ts";
import { Answers, refuse } from "./answers.ts";
import type { ProjectedRun } from "./projectedRun.ts";
import type { ProjectorService } from "./projectorService.ts";
import { Refusal } from "./refusal.ts";
import { textOf, textRoutes } from "./text/textRoutes.ts";
import type { TextService } from "./text/textService.ts";
import { epochsView } from "./views/epochsView.ts";
import { networkView } from "./views/networkView.ts";
import { neuronsView } from "./views/neuronsView.ts";
import { neuronView } from "./views/neuronView.ts";
import { receiptView } from "./views/receiptView.ts";
import { roundsView } from "./views/roundsView.ts";
import { roundView } from "./views/roundView.ts";
import { weightsView } from "./views/weightsView.ts";

export interface RouteOptions {
  readonly service: ProjectorService;
  /** Folder with the dashboard's files; without it only the API is served. */
  readonly dashboard: string | undefined;
  /** Lets the model write; without it nobody can. */
  readonly text?: TextService | undefined;
  readonly log: Log;
  /** Ends every stream. */
  readonly signal: AbortSignal;
}

const mostStreams = 64;
const beatMs = 15_000;

/** Everything the projector serves: the API as api.ts says, and the dashboard. */
export function routes({ service, dashboard, text, log, signal }: RouteOptions): Hono {
  const app = new Hono();
  const answers = new Answers();
  let streams = 0;

  const answer = (
    path: string,
    make: (projected: ProjectedRun, param: (name: string) => number, query: Query) => unknown,
  ) =>
    app.get(path, async (context) => {
      const { projected, status } = service;
      const query: Query = (name) => optionalNumber(name, context.req.query(name));
      const param = (name: string) => numberOf(name, context.req.param(name) ?? "");
      const state = `${status.chain} ${status.head?.hash} ${status.reports}`;
      const { pathname, search } = new URL(context.req.url);
      const text = await answers.get(state, pathname + search, async () => make(projected, param, query));
      return context.body(text, 200, { "content-type": "application/json" });
    });

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        frameAncestors: ["'none'"],
      },
      crossOriginResourcePolicy: "same-origin",
      strictTransportSecurity: false,
      referrerPolicy: "no-referrer",
    }),
  );
  app.use("/api/*", async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  app.onError((error, context) =>
    refuse(context, error, (cause) => log.error("a request failed", { cause })),
  );

  app.get("/api/status", (context) => context.json(service.status));
  answer("/api/network", (projected) => networkView(projected, signal));
  answer("/api/rounds", (projected, _, query) => roundsView(projected, query("from"), query("to")));
  answer("/api/rounds/:round", (projected, param) => roundView(projected, param("round"), signal));
  answer("/api/epochs", (projected) => epochsView(projected));
  answer("/api/epochs/:epoch/weights", (projected, param) => weightsView(projected, param("epoch")));
  answer("/api/neurons", (projected) => neuronsView(projected));
  answer("/api/neurons/:id", (projected, param) => neuronView(projected, BigInt(param("id")), signal));
  answer("/api/neurons/:id/receipts/:epoch", (projected, param) =>
    receiptView(projected, BigInt(param("id")), param("epoch"), signal),
  );

  answer("/api/models", (projected) => textOf(text).models(projected));
  textRoutes(app, service, text, log);

  const tooLarge = () => {
    throw new Refusal(
      413,
      "REPORT_TOO_LARGE",
      `a report has at most ${maxReportBytes} bytes`,
      "Report less at once.",
    );
  };
  app.post("/api/reports", bodyLimit({ maxSize: maxReportBytes, onError: tooLarge }), async (context) => {
    const body: unknown = await context.req.json().catch(() => {
      throw new Refusal(400, "REPORT_MALFORMED", "the body is not JSON", "See docs/operators/projector.md.");
    });
    return context.json({ taken: await service.take(body) });
  });

  app.get("/api/events", (context) => {
    if (streams >= mostStreams)
      throw new Refusal(503, "TOO_MANY_STREAMS", `${streams} streams are open`, "Close another page.");
    streams += 1;
    return streamSSE(context, async (stream) => {
      const ended = new AbortController();
      const until = AbortSignal.any([signal, ended.signal]);
      let wake: () => void = () => undefined;
      const off = service.onChange(() => wake());
      stream.onAbort(() => ended.abort());
      until.addEventListener("abort", () => wake(), { once: true });
      try {
        while (!until.aborted) {
          const changed = new Promise<void>((resolve) => {
            const beat = setTimeout(resolve, beatMs);
            wake = () => {
              clearTimeout(beat);
              resolve();
            };
          });
          await stream.writeSSE({ event: "status", data: JSON.stringify(service.status) });
          await changed;
        }
      } finally {
        off();
        streams -= 1;
      }
    });
  });

  app.all("/api/*", () => {
    throw new Refusal(
      404,
      "UNKNOWN_PATH",
      "there is nothing here",
      "docs/operators/projector.md lists the paths.",
    );
  });
  app.get("/healthz", (context) => {
    const { state, round, problem } = service.status;
    return context.json(
      { status: state, round, problem },
      state === "silent" || state === "reset" ? 503 : 200,
    );
  });
  const metrics = new ProjectorMetrics({
    block: () => service.status.head?.number,
    round: () => service.status.round ?? undefined,
    secondsSinceBlock: () => service.secondsSinceBlock,
    events: () => service.eventCount(),
    reports: () => service.status.reports,
  });
  app.get("/metrics", async (context) =>
    context.body(await metrics.page(), 200, { "content-type": metrics.contentType }),
  );
  if (dashboard !== undefined) app.use("*", serveStatic({ root: dashboard }));
  return app;
}

type Query = (name: string) => number | undefined;

function numberOf(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal(400, "NUMBER_INVALID", `${name} is no whole number`, "Numbers are decimal digits.");
}

function optionalNumber(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : numberOf(name, text);
}
