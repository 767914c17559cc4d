import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Journal } from "../../../workers/database/journal.ts";
import { savedRounds } from "../../../workers/database/workerState.ts";
import { WorkerStates } from "../../../workers/miner/workerStates.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { workerStateRoot, zeroWorkerState } from "../../../workers/training/workerState.ts";
import { updatePlan, word } from "../../support/journalPlans.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const specs = [{ name: "a", shape: [6] }];

function stateOf(value: number) {
  const filled = () => [new Float32Array(6).fill(value)];
  return { errorFeedback: filled(), moments: { first: filled(), second: filled(), steps: value } };
}

function bench(t: TestContext) {
  const folder = temporaryFolder(t);
  const journal = new Journal(join(folder, "journal.sqlite"), { hotkey: "0x1" });
  t.after(() => journal.close());
  const open = () => WorkerStates.open(specs, folder, journal, silentLog);
  const save = (states: WorkerStates, round: number) =>
    states.save(round, workerStateRoot(specs, stateOf(round)), stateOf(round));
  const reveal = (states: WorkerStates, round: number) => {
    journal.planUpdate(updatePlan(round));
    journal.markUpdate(round, "revealed", word(round, 9));
    states.moveTo(round, stateOf(round));
  };
  return { folder, open, save, reveal };
}

test("WorkerStates, nothing revealed yet: the zero state, whatever was saved", async (t) => {
  const { open, save } = bench(t);
  const states = await open();
  assert.deepEqual(states.current, zeroWorkerState(specs));
  await save(states, 1);
  assert.deepEqual((await open()).current, zeroWorkerState(specs));
});

test("WorkerStates, a restart: the state after the last revealed update, however many were lost since", async (t) => {
  const { folder, open, save, reveal } = bench(t);
  const states = await open();
  await save(states, 1);
  reveal(states, 1);
  await save(states, 2);
  reveal(states, 2);
  for (const lost of [3, 4, 5]) await save(states, lost);
  assert.deepEqual(savedRounds(folder), [5, 4, 2, 1], "and the one before, for an audit");
  assert.deepEqual((await open()).current, stateOf(2));
});

test("WorkerStates, the file is gone or damaged or of another model: the zero state", async (t) => {
  const { folder, open, save, reveal } = bench(t);
  const states = await open();
  await save(states, 1);
  reveal(states, 1);
  const path = join(folder, "state-1.bin");
  await writeFile(path, "no state");
  assert.deepEqual((await open()).current, zeroWorkerState(specs));
  await rm(path);
  assert.deepEqual((await open()).current, zeroWorkerState(specs));
  await states.save(1, word(1, 1), stateOf(1));
  assert.deepEqual((await open()).current, zeroWorkerState(specs), "saved under another root");
});
