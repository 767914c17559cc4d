import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { AuditPublisher } from "../../../workers/miner/auditPublisher.ts";
import type { Transition } from "../../../workers/miner/workerStates.ts";
import { fetchIndex, fetchWorkerState } from "../../../workers/node/workerStateContent.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { refFor } from "../../../workers/storage/contentRef.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { indexSize, workerStateRoot, zeroWorkerState } from "../../../workers/training/workerState.ts";
import { never, SleepClock, scriptedRun, valuesOf } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

/** A miner that revealed in round 0; every update is picked unless the rate says otherwise. */
async function bench(t: TestContext, settings = auditAll) {
  const scripted = await scriptedRun(t, settings);
  const { chain, run, seal, publish } = scripted;
  const [neuron] = chain.register(1);
  publish(neuron, 0, await seal(neuron, 0));
  chain.goTo(1, 1);
  const clock = new SleepClock();
  clock.onSleep = () => chain.mine(chain.time + 1);
  const { follower, beacons } = await scripted.node("miner", clock);
  const before = zeroWorkerState(run.specs);
  const after = { errorFeedback: valuesOf(run, 4), moments: { ...before.moments, steps: 24 } };
  const known: { revealed: number | undefined; transition: Transition | undefined } = {
    revealed: 0,
    transition: { round: 0, before, after },
  };
  const errors: string[] = [];
  const log = { ...silentLog, error: (message: string) => void errors.push(message) };
  const publisher = (store = run.store) =>
    new AuditPublisher({
      context: { run: { ...run, store }, neuronId: neuron.neuronId, follower },
      beacons,
      workerStates: {
        get revealed() {
          return known.revealed;
        },
        transition: (round) => (known.transition?.round === round ? known.transition : undefined),
      },
      clock,
      log,
    });
  const stored = (state: typeof after) =>
    run.store.has(refFor(workerStateRoot(run.specs, state), indexSize(run.specs)), { signal: never });
  return { ...scripted, clock, known, before, after, errors, publisher, stored };
}

test("AuditPublisher, picked: both states around the update can be had by their roots", async (t) => {
  const { run, publisher, before, after } = await bench(t);
  await publisher().publish(0, never);
  for (const state of [before, after]) {
    const index = await fetchIndex(run.store, run.specs, workerStateRoot(run.specs, state), never);
    assert.deepEqual(await fetchWorkerState(run.store, run.specs, index, never), state);
  }
});

test("AuditPublisher, not picked: nothing is published", async (t) => {
  const { publisher, stored, after } = await bench(t, { ...auditAll, rate: 0 });
  await publisher().publish(0, never);
  assert.equal(await stored(after), false);
});

test("AuditPublisher, a store that fails, and a reveal the miner has not seen: tried again", async (t) => {
  const { run, publisher, stored, after, known, clock } = await bench(t);
  const { transition } = known;
  known.transition = undefined;
  known.revealed = undefined;
  const before = clock.onSleep;
  clock.onSleep = () => {
    before();
    if (clock.sleeps === 2) Object.assign(known, { transition, revealed: 0 });
  };
  let fails = 2;
  const store = Object.assign(Object.create(run.store), {
    put: async (...args: Parameters<typeof run.store.put>) => {
      fails -= 1;
      if (fails >= 0) throw new StoreError("STORE_UNAVAILABLE", "away");
      return run.store.put(...args);
    },
  });
  await publisher(store).publish(0, never);
  assert.ok(await stored(after));
});

test("AuditPublisher, never able to: gives up at the end of the next round and says so; an older round after a restart: nothing to do", async (t) => {
  const { publisher, known, errors, chain, run } = await bench(t);
  known.transition = undefined;
  await publisher().publish(0, never);
  const { genesis, period } = run.contracts.clock;
  assert.ok(chain.time >= genesis + 2 * period);
  assert.equal(errors.length, 1);
  known.revealed = 1;
  await publisher().publish(0, never);
  assert.equal(errors.length, 1);
});
