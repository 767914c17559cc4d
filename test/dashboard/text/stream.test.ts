import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Fetch, FetchOptions } from "../../../dashboard/src/api.ts";
import { writeText } from "../../../dashboard/src/text/stream.ts";
import type { TextEvent, TextRequest } from "../../../workers/projector/apiText.ts";

const request: TextRequest = {
  ...{ models: ["0xa", "0xb"], prompt: "The ", tokens: 9 },
  ...{ temperature: 0.7, topP: 0.95, seed: 1 },
};
const { signal } = new AbortController();

/** A body that comes in pieces of so many bytes. */
function inPieces(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

const answering =
  (text: string, size = 4096): Fetch =>
  async () =>
    new Response(inPieces(text, size));

async function all(fetch: Fetch): Promise<TextEvent[]> {
  const events: TextEvent[] = [];
  for await (const event of writeText(fetch, request, signal)) events.push(event);
  return events;
}

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const written = [
  event("start", { type: "start" }),
  event("text", { type: "text", model: 1, text: "é\n\n" }),
  event("later", { kind: "unknown" }),
  event("text", { model: "0", text: "no" }),
  event("text", null),
  ": a comment\n\n",
  event("text", { type: "text", model: 0, text: "data: x" }),
].join("");

describe("writeText", () => {
  it("a stream in pieces of any size: its events up to the end; others are passed over", async () => {
    for (const size of [1, 2, 7, 4096]) {
      assert.deepEqual(
        await all(answering(written + event("end", {}) + event("text", { model: 0, text: "late" }), size)),
        [
          { type: "start" },
          { type: "text", model: 1, text: "é\n\n" },
          { type: "text", model: 0, text: "data: x" },
          { type: "end" },
        ],
        `pieces of ${size}`,
      );
    }
  });

  it("the request: JSON by POST", async () => {
    const asked: [string, FetchOptions][] = [];
    await all((path, options) => {
      asked.push([path, options]);
      return answering(event("end", {}))(path, options);
    });
    const [[path, { method, headers, body }]] = asked;
    assert.deepEqual([path, method, headers["content-type"]], ["./api/text", "POST", "application/json"]);
    assert.deepEqual(JSON.parse(body ?? ""), request);
  });

  it("a refusal, and an error in the middle: the projector's own", async () => {
    const busy = { code: "TEXT_BUSY", message: "later", hint: "wait" };
    const refusing: Fetch = async () => new Response(JSON.stringify(busy), { status: 503 });
    await assert.rejects(all(refusing), { code: "TEXT_BUSY", status: 503, hint: "wait" });
    await assert.rejects(all(answering(written + event("error", busy))), { code: "TEXT_BUSY" });
  });

  it("a stream that ends early, is no JSON, or never ends an event: CUT", async () => {
    const endless = "x".repeat(300_000);
    for (const text of ["", written, "event: text\ndata: {\n\n", endless])
      await assert.rejects(all(answering(text)), { code: "CUT" }, text.slice(0, 40));
  });

  it("aborted in the middle: the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("left");
    const open: Fetch = async () =>
      new Response(
        new ReadableStream({
          start(stream) {
            stream.enqueue(new TextEncoder().encode(written));
            controller.signal.addEventListener("abort", () => stream.error(new TypeError("aborted")));
          },
        }),
      );
    const events = writeText(open, request, controller.signal);
    await events.next();
    controller.abort(reason);
    await assert.rejects(
      async () => {
        for await (const _ of events);
      },
      (error) => error === reason,
    );
  });
});
