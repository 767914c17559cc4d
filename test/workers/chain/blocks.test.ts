import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createPublicClient, custom, numberToHex } from "viem";
import { BlockFinder, readBlock } from "../../../workers/chain/blocks.ts";
import { ChainTime } from "../../../workers/chain/chainTime.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { ManualClock } from "../../support/ManualClock.ts";

const never = new AbortController().signal;
const word = (index: number, kind: number) => numberToHex(kind * 2 ** 32 + index, { size: 32 });

/** A chain that has only blocks, block i at `times[i]`; counts the reads. */
function blockChain(times: number[]) {
  const reads: string[] = [];
  async function request({ params }: { method: string; params?: unknown[] }): Promise<unknown> {
    const tag = String(params?.[0]);
    reads.push(tag);
    const index = tag === "latest" ? times.length - 1 : Number(tag);
    if (times[index] === undefined) return null;
    const hashes = {
      hash: word(index, 1),
      parentHash: word(index - 1 + 2 ** 32, 0),
      mixHash: word(index, 2),
    };
    return { number: numberToHex(index), timestamp: numberToHex(times[index]), transactions: [], ...hashes };
  }
  return { client: createPublicClient({ transport: custom({ request }), cacheTime: 0 }), reads };
}

describe("BlockFinder", () => {
  it("firstBlockAt, any chain and any times asked in turn, gives what a linear search gives", async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 60 });
    const questions = fc.array(fc.nat(200), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(gaps, questions, fc.nat(3), async (steps, asked, confirmations) => {
        let time = 0;
        const times = steps.map((step) => {
          time += step;
          return time;
        });
        const finder = new BlockFinder(blockChain(times).client, confirmations);
        for (const wanted of asked) {
          const confirmed = times.slice(0, Math.max(0, times.length - confirmations));
          const expected = confirmed.findIndex((at) => at >= wanted);
          const found = await finder.firstBlockAt(wanted, never);
          assert.equal(found === undefined ? -1 : Number(found.number), expected, `time ${wanted}`);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it("firstBlockAt, a recent block of a long chain, takes few reads and none when asked again", async () => {
    const { client, reads } = blockChain(Array.from({ length: 100_000 }, (_, index) => 12 * index));
    const finder = new BlockFinder(client, 0);
    const found = await finder.firstBlockAt(12 * 99_900 - 5, never);
    assert.deepEqual([found?.number, found?.timestamp], [99_900n, 12 * 99_900]);
    assert.ok(reads.length <= 20, `${reads.length} reads`);
    const before = reads.length;
    await finder.firstBlockAt(12 * 99_900 - 5, never);
    assert.equal(reads.length, before);
  });

  it("firstBlockAt, not mined yet, is undefined and found once it is", async () => {
    const times = [0, 10];
    const finder = new BlockFinder(blockChain(times).client, 1);
    assert.equal(await finder.firstBlockAt(5, never), undefined);
    times.push(20);
    assert.equal((await finder.firstBlockAt(5, never))?.number, 1n);
  });
});

describe("ChainTime", () => {
  it("now, before any block, is CHAIN_TIME_UNKNOWN", () => {
    const time = new ChainTime(blockChain([5]).client, new ManualClock());
    assert.throws(
      () => time.now(),
      (error) => error instanceof FatalError && error.code === "CHAIN_TIME_UNKNOWN",
    );
  });

  it("now, some time after a block was seen, adds the time since; older blocks change nothing", async () => {
    const clock = new ManualClock();
    const times = [100, 200];
    const { client } = blockChain(times);
    const time = new ChainTime(client, clock);
    assert.equal(await time.refresh(never), 200);
    await clock.advance(2500);
    assert.equal(time.now(), 202.5);
    time.observe(await readBlock(client, 0n, never));
    assert.equal(time.now(), 202.5);
    times.push(203);
    assert.equal(await time.refresh(never), 203);
  });

  it("waitUntil, a later time, resolves no earlier and despite a chain that stands still", async () => {
    const clock = new ManualClock();
    const time = new ChainTime(blockChain([100]).client, clock);
    let resolved = false;
    const waiting = time.waitUntil(105, never).then(() => {
      resolved = true;
    });
    await clock.advance(4_900);
    assert.equal(resolved, false);
    await clock.advance(200);
    await waiting;
    assert.ok(time.now() >= 105);
  });

  it("waitUntil, aborted, rejects with the reason", async () => {
    const controller = new AbortController();
    const clock = new ManualClock();
    const waiting = new ChainTime(blockChain([100]).client, clock).waitUntil(1000, controller.signal);
    const reason = new Error("stop");
    const rejected = assert.rejects(waiting, (error) => error === reason);
    await clock.advance(10);
    controller.abort(reason);
    await rejected;
  });
});
