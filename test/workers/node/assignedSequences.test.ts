import assert from "node:assert/strict";
import { test } from "node:test";
import { assignedSequences } from "../../../workers/node/assignedSequences.ts";
import { openDataset } from "../../../workers/node/run.ts";
import { never, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

test("assignedSequences, with overlap: those that the run without it assigns a round earlier, known before the round", async (t) => {
  const { chain, run, node } = await scriptedRun(t);
  chain.goTo(0, 0).goTo(1, 0).goTo(2, 0).goTo(3, 0);
  const { beacons } = await node("a", new SleepClock());
  const dataset = await openDataset(run, never);
  const of = (round: number, overlap?: 0 | 1) => {
    const manifest = { ...run.manifest, ...(overlap === undefined ? {} : { overlap }) };
    return assignedSequences({ run: { ...run, manifest }, beacons, dataset }, 5n, round, never);
  };
  const plain = await Promise.all([0, 1, 2, 3].map((round) => of(round)));
  assert.deepEqual(await of(2, 0), plain[2]);
  assert.notDeepEqual(plain[1], plain[2]);
  assert.deepEqual(await of(0, 1), plain[0], "round 0 has its own");
  // Round 4 has not begun; round 3 is the first of an epoch, whose shards it draws.
  for (const round of [1, 2, 3, 4]) assert.deepEqual(await of(round, 1), plain[round - 1], `round ${round}`);
});
