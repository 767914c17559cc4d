import assert from "node:assert/strict";
import { test } from "node:test";
import { type SoakFacts, violations } from "../../../scripts/soak/findings.ts";

const rounds = 9;
const all = ["miner-1", "miner-2", "validator-1"];

/** A soak without fault: nine rounds, each with an update and a state of its own. */
function facts(change: Partial<SoakFacts> = {}): SoakFacts {
  return {
    roots: rootsWith(),
    lastRound: rounds,
    workers: all,
    steady: ["miner-1", "validator-1"],
    gatheredRounds: new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]),
    settledEpochs: new Set([0]),
    dueEpochs: [0],
    unrevealed: [],
    slashes: [],
    ends: [
      { name: "miner-2", code: 137, expected: 137 },
      { name: "miner-1", code: 0, expected: 0 },
    ],
    left: [],
    memory: [{ name: "miner-1", seconds: 1800, yardstick: 100, own: true, end: 120, grew: false }],
    ...change,
  };
}

/** Roots of all, of which `change` may take or change some. */
function rootsWith(change: (round: number, roots: Map<string, string>) => void = () => undefined) {
  const roots = new Map<number, Map<string, string>>();
  for (let round = 0; round <= rounds; round++) {
    const ofRound = new Map(all.map((name) => [name, `root ${round}`]));
    change(round, ofRound);
    roots.set(round, ofRound);
  }
  return roots;
}

const codes = (change: Partial<SoakFacts>) => violations(facts(change)).map(({ code }) => code);

test("violations, a soak without fault: none", () => {
  assert.deepEqual(violations(facts()), []);
});

test("violations, states: another root, one that a steady worker never had, one that somebody lacks at the end", () => {
  const other = rootsWith((round, roots) => round === 3 && roots.set("miner-2", "another"));
  assert.deepEqual(codes({ roots: other }), ["ROOTS_DIFFER"]);
  const gap = rootsWith((round, roots) => round === 2 && roots.delete("miner-1"));
  assert.deepEqual(codes({ roots: gap }), ["STATE_MISSING"]);
  const killed = rootsWith((round, roots) => round === 2 && roots.delete("miner-2"));
  assert.deepEqual(codes({ roots: killed }), []);
  const behind = rootsWith((round, roots) => round === rounds && roots.delete("miner-2"));
  assert.deepEqual(codes({ roots: behind }), ["STATE_MISSING"]);
});

test("violations, no progress: updates that move nothing, and two epochs without any", () => {
  const standing = rootsWith((round, roots) => {
    if (round === 4) for (const name of all) roots.set(name, "root 3");
  });
  assert.deepEqual(codes({ roots: standing }), ["STATE_STANDS"]);
  assert.deepEqual(codes({ roots: standing, gatheredRounds: new Set([0, 1, 2, 4, 5, 6, 7, 8]) }), []);
  assert.deepEqual(codes({ gatheredRounds: new Set([0, 6]) }), []);
  assert.deepEqual(codes({ gatheredRounds: new Set([0, 7, 8]) }), ["STATE_STANDS"]);
});

test("violations, everything else that must not be: each with its code", () => {
  assert.deepEqual(codes({ dueEpochs: [0, 1] }), ["EPOCH_UNSETTLED"]);
  assert.deepEqual(codes({ unrevealed: ["miner-2 in round 4"] }), ["COMMITMENT_UNREVEALED"]);
  assert.deepEqual(codes({ slashes: ["miner-2 in 4"] }), ["SLASHED"]);
  assert.deepEqual(codes({ ends: [{ name: "miner-1", code: 1, expected: 0 }] }), ["EXIT_CODE"]);
  assert.deepEqual(codes({ ends: [{ name: "miner-2", code: 0, expected: 137 }] }), ["EXIT_CODE"]);
  assert.deepEqual(codes({ left: ["port 8546"] }), ["LEFT_BEHIND"]);
  const memory = [{ name: "miner-1", seconds: 1800, yardstick: 100, own: true, end: 121, grew: true }];
  assert.deepEqual(codes({ memory }), ["MEMORY_GREW"]);
});
