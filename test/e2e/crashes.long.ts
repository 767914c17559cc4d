import assert from "node:assert/strict";
import { test } from "node:test";
import { minerPoints, playWithCrashes, validatorPoints } from "../support/crashMatrix.ts";
import { type Done, playInRealTime, validatorCycle } from "../support/realTimeCrashes.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const repeats = 20;
/** Beyond these the machine is too slow, or too busy, for rounds of four seconds: what is late says nothing of crashes. */
const mostStartSeconds = 1.5;
const mostLostBySteady = 0.05;
/** Share of rounds after the one of a death that a late start may cost. */
const mostNotBack = 0.01;

test("kill -9 before and after each step of a miner and a validator, on a chain that waits for them: nothing lost, nothing twice", async (t) => {
  const ended = new AbortController();
  t.after(() => ended.abort());
  const { signal } = ended;
  const dir = temporaryFolder(t);
  await playWithCrashes({ dir, miner: minerPoints, validator: validatorPoints, rounds: 12, signal });
});

test(`kill -9 before and after each step, ${repeats} times each, on rounds of four seconds in real time: nothing twice, one state, lost at most the round of the death`, async (t) => {
  const ended = new AbortController();
  t.after(() => ended.abort());
  const say = (text: string) => console.log(text);
  const dir = temporaryFolder(t);
  const result = await playInRealTime({ dir, miners: 3, validators: 4, repeats, say, signal: ended.signal });
  console.log(JSON.stringify(result, null, 2));
  assert.equal(result.deaths, repeats * (minerPoints.length + validatorCycle.length));
  const { startSeconds, updates, attestations, rows, settlements } = result;
  const done: readonly Done[] = [updates, attestations, rows];
  for (const { there, machine, after } of done) assert.ok(there > machine + after);
  const lost = ({ steadyLost, steadyDue }: Done) => steadyLost / steadyDue;
  if (startSeconds > mostStartSeconds || done.some((each) => lost(each) > mostLostBySteady)) {
    console.log("what came too late is not judged: this machine is too slow, or too busy");
    return;
  }
  for (const { there, after, notBack } of done) {
    assert.equal(after, 0);
    assert.ok(notBack <= mostNotBack * there, `${notBack} rounds lost before it was back`);
  }
  assert.equal(settlements.missing, 0);
});
