import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { FORCED_EXIT, Interrupted, installShutdown } from "../../../workers/runtime/shutdown.ts";

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number) {
    this.exits.push(code);
  }
}

describe("installShutdown", () => {
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    it(`installShutdown, one ${name}, aborts with Interrupted and does not exit`, () => {
      const source = new FakeProcess();
      const { signal } = installShutdown(source);
      source.emit(name);
      assert.ok(signal.reason instanceof Interrupted && signal.reason.signal === name);
      assert.deepEqual(source.exits, []);
    });
  }

  it("installShutdown, a second signal, exits at once", () => {
    const source = new FakeProcess();
    installShutdown(source);
    source.emit("SIGTERM");
    source.emit("SIGINT");
    assert.deepEqual(source.exits, [FORCED_EXIT]);
  });

  it("stop, before a signal, gives its own reason; dispose leaves no listener", () => {
    const source = new FakeProcess();
    const shutdown = installShutdown(source);
    const reason = new Error("done");
    shutdown.stop(reason);
    assert.equal(shutdown.signal.reason, reason);
    shutdown.dispose();
    assert.equal(source.listenerCount("SIGINT") + source.listenerCount("SIGTERM"), 0);
  });
});
