import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type EventStream, followStatus } from "../../dashboard/src/events.ts";
import { status } from "../support/fixtureRun.ts";

class ScriptedStream implements EventStream {
  closed = false;
  readonly #listeners = new Map<string, (event: { readonly data?: unknown }) => void>();

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  emit(type: string, data?: unknown): void {
    this.#listeners.get(type)?.({ data });
  }
}

function followed() {
  const controller = new AbortController();
  const streams: ScriptedStream[] = [];
  const waits: { readonly milliseconds: number; readonly work: () => void; cancelled: boolean }[] = [];
  const seen: unknown[] = [];
  followStatus({
    open() {
      const stream = new ScriptedStream();
      streams.push(stream);
      return stream;
    },
    after(milliseconds, work) {
      const wait = { milliseconds, work, cancelled: false };
      waits.push(wait);
      return () => {
        wait.cancelled = true;
      };
    },
    onStatus: ({ reports }) => seen.push(reports),
    onConnected: (connected) => seen.push(connected),
    signal: controller.signal,
  });
  return { controller, streams, waits, seen };
}

describe("followStatus", () => {
  it("each event: its status, and that events arrive", () => {
    const { streams, seen } = followed();
    streams[0].emit("status", JSON.stringify(status({ reports: 1 })));
    streams[0].emit("status", JSON.stringify(status({ reports: 2 })));
    assert.deepEqual(seen, [true, 1, true, 2]);
  });

  it("a stream that fails: closed, opened again after growing waits up to half a minute", () => {
    const { streams, waits, seen } = followed();
    for (let failures = 0; failures < 7; failures++) {
      streams[failures].emit("error");
      assert.ok(streams[failures].closed, `stream ${failures}`);
      waits[failures].work();
    }
    assert.deepEqual(
      waits.map(({ milliseconds }) => milliseconds),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
    );
    assert.equal(streams.length, 8);
    assert.deepEqual(seen, Array(7).fill(false));
  });

  it("an event after failures: the wait begins small again", () => {
    const { streams, waits } = followed();
    streams[0].emit("error");
    waits[0].work();
    streams[1].emit("error");
    waits[1].work();
    streams[2].emit("status", JSON.stringify(status()));
    streams[2].emit("error");
    assert.deepEqual(
      waits.map(({ milliseconds }) => milliseconds),
      [1000, 2000, 1000],
    );
  });

  it("several errors of one stream: one new stream", () => {
    const { streams, waits } = followed();
    streams[0].emit("error");
    streams[0].emit("error");
    assert.equal(waits.length, 1);
  });

  it("what is no status: the stream is given up", () => {
    for (const data of ["{", "null", "[]", "7", '{"state":"synced"}', undefined]) {
      const { streams, seen, waits } = followed();
      streams[0].emit("status", data);
      assert.deepEqual([streams[0].closed, waits.length, seen], [true, 1, [false]], String(data));
    }
  });

  it("events of a stream that was given up: not taken", () => {
    const { streams, seen } = followed();
    streams[0].emit("error");
    streams[0].emit("status", JSON.stringify(status()));
    assert.deepEqual(seen, [false]);
  });

  it("aborted: the stream is closed, a waiting one never opened", () => {
    const open = followed();
    open.controller.abort();
    assert.ok(open.streams[0].closed);
    const waiting = followed();
    waiting.streams[0].emit("error");
    waiting.controller.abort();
    assert.ok(waiting.waits[0].cancelled);
    waiting.waits[0].work();
    assert.equal(waiting.streams.length, 1);
  });
});
