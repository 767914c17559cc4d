import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Checks } from "../../../sim/checks/checks.ts";
import { observerName } from "../../../sim/nodes/observer.ts";
import type { SimulatedWorker } from "../../../sim/nodes/simulatedWorker.ts";
import { planOf } from "../../../sim/plan.ts";
import { openWorld } from "../../../sim/world/world.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const { signal } = new AbortController();
const world = await openWorld(temporaryFolder({ after }), signal);
after(() => world.close());

const history = new RunHistory(world.contracts.clock);

function checksOf(...workers: Partial<SimulatedWorker>[]): Checks {
  const options = { world, plan: planOf(1, 12, []), chainDisturbed: [], signal };
  return new Checks({ ...options, workers: () => workers as SimulatedWorker[] });
}

const state = (round: number, root: string) =>
  ({ type: "state", round, root, gathered: [], leftOut: [] }) as const;
const found = ({ violations }: Checks) => violations.map(({ check, round }) => [check, round]);

test("Checks, two roots of one state: a violation once no reorganisation reaches back to it, not before", async () => {
  const checks = checksOf();
  checks.record(observerName, state(3, "right"));
  checks.record("miner-1", state(3, "right"));
  checks.record("miner-2", state(3, "wrong"));
  await checks.afterRound(6, history);
  assert.deepEqual(found(checks), []);
  await checks.afterRound(7, history);
  assert.deepEqual(found(checks), [["states", 7]]);
});

test("Checks, a root that was taken back in time: no violation", async () => {
  const checks = checksOf();
  checks.record(observerName, state(3, "right"));
  checks.record("miner-1", state(3, "of a fork"));
  checks.record("miner-1", state(3, "right"));
  await checks.afterRound(9, history);
  assert.deepEqual(found(checks), []);
});

test("Checks, a root of a fork by a worker that began anew after it: no violation, but what it says then counts", async () => {
  const checks = checksOf();
  for (const round of [3, 4]) checks.record(observerName, state(round, "right"));
  checks.record("miner-1", state(3, "of a fork"));
  checks.started("miner-1");
  checks.record("miner-1", state(4, "wrong"));
  await checks.afterRound(9, history);
  assert.deepEqual(
    checks.violations.map(({ what }) => what.includes("round 4")),
    [true],
  );
});

test("Checks, a worker that ended for good, and one that waits for nothing: violations", async () => {
  const on: Partial<SimulatedWorker> = {
    name: "miner-1",
    role: "miner",
    isRunning: true,
    isWaiting: true,
    fatal: [],
    off: [],
  };
  const person = [...world.people.values()][0];
  const checks = checksOf(
    { ...on, person },
    { ...on, person, isRunning: false, isWaiting: false, fatal: [new Error("bad key")] },
    { ...on, person, isWaiting: false },
  );
  await checks.afterRound(0, history);
  assert.deepEqual(found(checks), [
    ["fatal", 0],
    ["stuck", 0],
  ]);
});

test("Checks.atEnd, a worker that never registered: a violation", async () => {
  const person = [...world.people.values()][0];
  const checks = checksOf({ name: "miner-1", role: "miner", person });
  checks.atEnd(history);
  assert.equal(checks.violations[0].check, "joined");
});
