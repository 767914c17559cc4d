import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Refresher } from "../../dashboard/src/refresher.ts";

function scripted() {
  const reads: {
    readonly path: string;
    readonly signal: AbortSignal;
    readonly answer: (value: string) => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  const seen: unknown[] = [];
  const refresher = new Refresher<string>({
    read: (path, signal) =>
      new Promise((answer, fail) => {
        reads.push({ path, signal, answer, fail });
      }),
    onAnswer: (answer) => seen.push(answer),
    onFailure: (error) => seen.push({ error }),
  });
  return { refresher, reads, seen };
}

describe("Refresher", () => {
  it("asked again while it reads: answers, then reads once more", async () => {
    const { refresher, reads, seen } = scripted();
    for (let asked = 0; asked < 4; asked++) refresher.ask("a");
    assert.equal(reads.length, 1);
    reads[0].answer("first");
    await setImmediate();
    assert.deepEqual(seen, ["first"]);
    assert.equal(reads.length, 2);
    reads[1].answer("second");
    await setImmediate();
    assert.deepEqual(seen, ["first", "second"]);
    assert.equal(reads.length, 2);
  });

  it("asked for another path: gives up the first, whose answer is not taken", async () => {
    const { refresher, reads, seen } = scripted();
    refresher.ask("a");
    refresher.ask("b");
    assert.ok(reads[0].signal.aborted);
    reads[0].answer("late");
    reads[1].answer("b");
    await setImmediate();
    assert.deepEqual(seen, ["b"]);
  });

  it("a failure: told; the next ask reads again", async () => {
    const { refresher, reads, seen } = scripted();
    refresher.ask("a");
    reads[0].fail("down");
    await setImmediate();
    refresher.ask("a");
    reads[1].answer("up");
    await setImmediate();
    assert.deepEqual(seen, [{ error: "down" }, "up"]);
  });

  it("stopped: aborted, and neither answer nor failure is told", async () => {
    const { refresher, reads, seen } = scripted();
    refresher.ask("a");
    refresher.ask("a");
    refresher.stop();
    assert.ok(reads[0].signal.aborted);
    reads[0].fail("aborted");
    await setImmediate();
    assert.deepEqual([seen, reads.length], [[], 1]);
  });
});
