import assert from "node:assert/strict";
import { test } from "node:test";
import { EventSource } from "../../../workers/chain/eventSource.ts";
import { RunFollower } from "../../../workers/node/follower.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

const never = new AbortController().signal;

test("RunFollower, before the first look: synced to 0; after it: the events up to the head", async (t) => {
  const { chain } = await scriptedRun(t);
  const [neuron] = chain.register(2);
  const follower = chain.follower(new SleepClock());
  assert.equal(follower.syncedTime, 0);
  await Promise.all([follower.sync(never), follower.sync(never)]);
  assert.equal(follower.syncedTime, chain.time);
  assert.equal(follower.now(), undefined);
  assert.equal(follower.history.metagraph.neuronOfHotkey(neuron.hotkey), neuron.neuronId);
});

test("untilTime, an RPC that fails for a while, outlasts it", async (t) => {
  const { chain } = await scriptedRun(t);
  const clock = new SleepClock();
  const follower = chain.follower(clock);
  chain.silentFor = 4;
  clock.onSleep = () => chain.goTo(0, clock.sleeps * 10);
  await follower.untilTime(chain.contracts.clock.genesis + 60, never);
  assert.ok(clock.sleeps >= 6, `${clock.sleeps} sleeps`);
  assert.deepEqual([follower.now()?.round, follower.now()?.phase], [0, "reveal"]);
});

test("firstBlockAt, no such block yet and an RPC that fails for a while, waits for it", async (t) => {
  const { chain } = await scriptedRun(t);
  const clock = new SleepClock();
  const follower = chain.follower(clock);
  chain.silentFor = 2;
  clock.onSleep = () => chain.goTo(0, clock.sleeps * 10);
  const time = chain.contracts.clock.genesis + 35;
  const block = await follower.firstBlockAt(time, 1, never);
  assert.equal(block.timestamp, chain.contracts.clock.genesis + 40);
  assert.ok(chain.time > block.timestamp, "one block on top");
});

test("untilTime, aborted while it waits, throws the reason", async (t) => {
  const { chain } = await scriptedRun(t);
  const clock = new SleepClock();
  const stop = new AbortController();
  const reason = new Error("enough");
  clock.onSleep = () => stop.abort(reason);
  await assert.rejects(chain.follower(clock).untilTime(chain.time + 1, stop.signal), reason);
});

test("sync, who began the look gives it up: only that caller fails, the others look again", async (t) => {
  const { chain } = await scriptedRun(t);
  const source = new EventSource(chain.contracts);
  let begun = 0;
  const events = {
    async poll(signal: AbortSignal) {
      begun += 1;
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      return source.poll(signal);
    },
  };
  const { contracts } = chain;
  const follower = new RunFollower({ contracts, events, clock: new SleepClock(), log: silentLog });
  const hasty = new AbortController();
  const given = follower.sync(hasty.signal);
  const patient = [follower.sync(never), follower.sync(never)];
  hasty.abort(new Error("no time"));
  await assert.rejects(given, { message: "no time" });
  await Promise.all(patient);
  assert.equal(follower.syncedTime, chain.time);
  assert.equal(begun, 2);
});
