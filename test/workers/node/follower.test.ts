import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { EventSource } from "../../../workers/chain/eventSource.ts";
import { EventLog } from "../../../workers/database/eventLog.ts";
import { RunFollower } from "../../../workers/node/follower.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { ManualClock } from "../../support/ManualClock.ts";
import { SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

const content = { digest: `0x${"11".repeat(32)}`, size: 10 } as const;
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

test("sync, blocks replaced, the history goes back and forward, whoever listens is told in between", async (t) => {
  const { chain } = await scriptedRun(t);
  const [first, second] = chain.register(2);
  const follower = chain.follower(new SleepClock());
  chain.goTo(0, 1).commit(0, first, content);
  await follower.sync(never);
  chain.goTo(0, 10).commit(0, second, content).goTo(0, 20);
  await follower.sync(never);
  const told: { number: bigint; commits: number }[] = [];
  const listen = ({ number }: { number: bigint }) =>
    void told.push({ number, commits: follower.history.commits(0).length });
  follower.onRewind(listen);
  const fork = await follower.firstBlockAt(chain.contracts.clock.genesis + 1, 0, never);
  chain.reorganise(2).goTo(0, 11).goTo(0, 19);
  await follower.sync(never);
  assert.deepEqual(told, [{ number: fork.number, commits: 1 }]);
  assert.equal(follower.rewinds, 1);
  assert.equal(follower.now()?.time, chain.time, "chain time follows the new chain");
  const replaced = await follower.firstBlockAt(chain.contracts.clock.genesis + 10, 0, never);
  assert.equal(replaced.timestamp, chain.contracts.clock.genesis + 11);
  chain
    .mine(chain.time + 1)
    .commit(0, second, content)
    .mine(chain.time + 1);
  await follower.sync(never);
  assert.equal(follower.history.commits(0).length, 2);
  follower.onRewind(listen);
  assert.equal(told.length, 2, "who comes later is told at once");
});

test("keep, then another follower that starts with it: the same history, and only what is new is read", async (t) => {
  const { chain, dir } = await scriptedRun(t);
  const [first, second] = chain.register(2);
  chain.goTo(0, 1).commit(0, first, content).goTo(0, 10).commit(0, second, content).goTo(0, 20);
  const log = new EventLog(join(dir, "events.sqlite"), "run");
  const open = () => {
    const { events: read, seen } = log.load();
    const { contracts } = chain;
    const events = new EventSource(contracts, { seen });
    return new RunFollower({ contracts, events, clock: new SleepClock(), log: silentLog, read });
  };
  const follower = open();
  await follower.sync(never);
  follower.keep(log);
  chain.reorganise(2).goTo(0, 11).goTo(0, 12).commit(0, second, content).goTo(0, 30);
  await follower.sync(never);
  const again = open();
  assert.equal(again.history.commits(0).length, 2, "before the first look");
  await again.sync(never);
  assert.deepEqual(again.history.commits(0), follower.history.commits(0));
  assert.equal(again.rewinds, 0);
  // While it was off, the last commit vanished.
  chain.reorganise(2).goTo(0, 31).goTo(0, 32).goTo(0, 33);
  const later = open();
  await later.sync(never);
  assert.deepEqual([later.rewinds, later.history.commits(0).length], [1, 1]);
  log.close();
});

test("until, what it waits for comes, or the time does: true, false", async (t) => {
  const { chain } = await scriptedRun(t);
  const clock = new SleepClock();
  const follower = chain.follower(clock);
  clock.onSleep = () => chain.goTo(0, clock.sleeps * 10);
  const { genesis } = chain.contracts.clock;
  const reached = () => follower.syncedTime >= genesis + 20;
  assert.equal(await follower.until(reached, genesis + 50, never), true);
  assert.equal(await follower.until(() => false, genesis + 50, never), false);
  assert.equal(follower.syncedTime, genesis + 50);
});

test("until, many wait from different moments on: each looks at once, then all look together", async (t) => {
  const { chain } = await scriptedRun(t);
  const { contracts } = chain;
  const source = new EventSource(contracts);
  let looks = 0;
  const events = {
    poll(signal: AbortSignal) {
      looks += 1;
      return source.poll(signal);
    },
  };
  const clock = new ManualClock();
  const follower = new RunFollower({ contracts, events, clock, log: silentLog, pollMs: 100 });
  const waiting: Promise<void>[] = [];
  for (let waiter = 0; waiter < 5; waiter++) {
    waiting.push(follower.untilTime(contracts.clock.genesis + 10, never));
    await clock.advance(20);
  }
  assert.equal(looks, 5);
  await clock.advance(1000);
  assert.equal(looks, 15);
  chain.goTo(0, 10);
  await clock.advance(100);
  await Promise.all(waiting);
  assert.equal(looks, 16);
});

test("RunFollower, a machine whose wall clock is off by minutes: rounds and phases by block time all the same", async (t) => {
  const { chain } = await scriptedRun(t);
  chain.goTo(2, 65);
  for (const minutes of [-600, -5, 5, 600]) {
    const clock = new ManualClock(minutes * 60_000);
    const follower = chain.follower(clock);
    await follower.sync(never);
    const { round, phase } = follower.now() ?? {};
    assert.deepEqual([round, phase], [2, "reveal"], `${minutes} minutes`);
  }
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
