import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { refuse } from "../../../../workers/projector/answers.ts";
import type { ProjectorService } from "../../../../workers/projector/projectorService.ts";
import type { WriteText } from "../../../../workers/projector/text/textJob.ts";
import { maxTextBytes } from "../../../../workers/projector/text/textRequest.ts";
import { textRoutes } from "../../../../workers/projector/text/textRoutes.ts";
import { TextService } from "../../../../workers/projector/text/textService.ts";
import { RetryableError } from "../../../../workers/protocol/errors.ts";
import { listenOn } from "../../../../workers/runtime/listen.ts";
import { silentLog } from "../../../../workers/runtime/log.ts";
import { ManualClock } from "../../../support/ManualClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { writableRun } from "../../../support/writableRun.ts";

type Tests = Parameters<typeof temporaryFolder>[0];
const json = { "content-type": "application/json" };

/** A server with nothing but these routes; without a writer no text is offered. */
async function bench(t: Tests, write?: WriteText) {
  const { projected, request, settings } = await writableRun(temporaryFolder(t));
  const options = { folders: [], store: settings, clock: new ManualClock(), memoryBytes: 1e9 };
  const { signal } = new AbortController();
  const text = write && new TextService({ ...options, write, signal });
  const app = new Hono();
  app.onError((error, context) => refuse(context, error, () => undefined));
  textRoutes(app, { projected } as ProjectorService, text, silentLog);
  const server = createServer(getRequestListener(app.fetch));
  const { address, close } = await listenOn(server, { host: "127.0.0.1", port: 0 }, "--listen");
  t.after(() => void close());
  const url = `http://${address.host}:${address.port}/api/text`;
  const body = JSON.stringify(request(4, 0));
  return {
    post: (init: RequestInit = {}) => fetch(url, { method: "POST", headers: json, body, ...init }),
    body,
  };
}

/** A writer that fails at once. */
function failing(error: Error): ReturnType<WriteText> {
  const events: AsyncGenerator<never, void, undefined> = {
    next: () => Promise.reject(error),
    return: async () => ({ done: true, value: undefined }),
    throw: (thrown) => Promise.reject(thrown),
    [Symbol.asyncIterator]: () => events,
    [Symbol.asyncDispose]: async () => undefined,
  };
  return events;
}

/** Event names and data of a whole stream. */
async function events(response: Response): Promise<[string, unknown][]> {
  const blocks = (await response.text()).split("\n\n").filter((block) => block !== "");
  return blocks.map((block) => {
    const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
    return [event, JSON.parse(data)];
  });
}

test("POST /api/text: the writer's events, one server-sent event each", async (t) => {
  const { post } = await bench(t, async function* () {
    yield { type: "start" };
    yield { type: "text", model: 1, text: "\n\nevent: end\n" };
    yield { type: "end" };
  });
  const response = await post();
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.deepEqual(await events(response), [
    ["start", { type: "start" }],
    ["text", { type: "text", model: 1, text: "\n\nevent: end\n" }],
    ["end", { type: "end" }],
  ]);
});

test("POST /api/text, what cannot be worked off: a code and what to do", async (t) => {
  const { post, body } = await bench(t, async function* () {
    yield { type: "end" };
  });
  for (const [init, status, code] of [
    [{ body: "{" }, 400, "TEXT_MALFORMED"],
    [{ headers: { "content-type": "text/plain" } }, 400, "TEXT_MALFORMED"],
    [{ body: body.replace(/"seed":1/, '"seed":-1') }, 400, "TEXT_MALFORMED"],
    [{ body: `${" ".repeat(maxTextBytes)}{}` }, 413, "TEXT_TOO_LARGE"],
    [{ body: body.replace(/0x..../, "0x0000") }, 404, "UNKNOWN_MODEL"],
  ] as const) {
    const response = await post(init);
    const { code: given, hint } = (await response.json()) as { code: string; hint: string };
    assert.deepEqual([response.status, given], [status, code]);
    assert.ok(hint.length > 0);
  }
  const off = await (await bench(t)).post();
  assert.deepEqual([off.status, ((await off.json()) as { code: string }).code], [404, "TEXT_OFF"]);
});

test("POST /api/text, a failure before the first event: an error with its status; after it: an event", async (t) => {
  const missing = new RetryableError("CONTENT_MISSING", "nobody has it");
  const early = await bench(t, () => failing(missing));
  const refused = await early.post();
  assert.deepEqual(
    [refused.status, ((await refused.json()) as { code: string }).code],
    [503, "CONTENT_MISSING"],
  );
  for (const [error, code] of [
    [missing, "CONTENT_MISSING"],
    [new Error("a secret path"), "UNEXPECTED"],
  ] as const) {
    const late = await bench(t, async function* () {
      yield { type: "start" };
      throw error;
    });
    const told = await events(await late.post());
    assert.deepEqual([told[1][0], (told[1][1] as { code: string }).code], ["error", code]);
    assert.ok(!JSON.stringify(told).includes("secret"));
  }
});

test("POST /api/text, the reader goes away, before or after the first event: the writer is told", async (t) => {
  for (const started of [false, true]) {
    const begun = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const { post } = await bench(t, async function* (_, signal) {
      begun.resolve();
      if (started) yield { type: "start" };
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted.resolve();
      signal.throwIfAborted();
    });
    const reader = new AbortController();
    const asked = post({ signal: reader.signal });
    asked.catch(() => undefined);
    if (started) await asked;
    else await begun.promise;
    reader.abort();
    await aborted.promise;
  }
});
