import assert from "node:assert/strict";
import { test } from "node:test";
import { type Life, memoryVerdicts } from "../../../scripts/soak/memory.ts";

/** A life of so many seconds, sampled every five, with the memory that `bytesAt` gives. */
function life(seconds: number, bytesAt: (age: number) => number, change: Partial<Life> = {}): Life {
  const ages = Array.from({ length: Math.floor(seconds / 5) + 1 }, (_, index) => index * 5);
  const samples = ages.map((age) => ({ seconds: age, bytes: bytesAt(age) }));
  return { name: "miner-1", role: "miner", steady: true, ...change, samples };
}

const restarted = { name: "miner-2", steady: false };

test("memoryVerdicts, a long life: its end against itself at five minutes, 1.2 times allowed and no more", () => {
  const grown = (factor: number) => life(1800, (age) => (age < 400 ? 100 : 100 * factor));
  const [even] = memoryVerdicts([grown(1.2)]);
  assert.deepEqual([even.yardstick, even.end, even.own, even.grew], [100, 120, true, false]);
  const [more] = memoryVerdicts([grown(1.21)]);
  assert.deepEqual([more.yardstick, more.end, more.grew], [100, 121, true]);
});

test("memoryVerdicts, a start that takes much and single peaks: neither yardstick nor end", () => {
  const peaks = life(900, (age) => (age < 200 ? 900 : age === 300 || age === 890 ? 500 : 100));
  const [{ yardstick, end, grew }] = memoryVerdicts([peaks]);
  assert.deepEqual([yardstick, end, grew], [100, 100, false]);
});

test("memoryVerdicts, a short life after a restart: against the largest steady worker of its role at five minutes", () => {
  const lives = [
    life(1800, () => 100),
    life(1800, () => 110, { name: "miner-3" }),
    life(1800, () => 10, { name: "validator-1", role: "validator" }),
    life(1800, () => 400, { ...restarted, name: "miner-4" }),
    life(90, () => 132, restarted),
    life(90, () => 133, restarted),
  ];
  const short = memoryVerdicts(lives).slice(-2);
  assert.deepEqual(
    short.map(({ yardstick, own, grew }) => [yardstick, own, grew]),
    [
      [110, false, false],
      [110, false, true],
    ],
  );
});

test("memoryVerdicts, nobody of the role is old enough, or no sample: not judged", () => {
  const [young, ...rest] = memoryVerdicts([life(200, (age) => age), { ...life(0, () => 1), samples: [] }]);
  assert.deepEqual([young.yardstick, young.grew, rest.length], [undefined, false, 0]);
});
