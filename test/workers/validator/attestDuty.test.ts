import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../../workers/runtime/log.ts";
import { AttestDuty } from "../../../workers/validator/attestDuty.ts";
import { rowsOf } from "../../support/rowsOf.ts";
import { never, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

async function bench(t: { after(fn: () => void): void }) {
  const scripted = await scriptedRun(t);
  const { chain } = scripted;
  const neurons = chain.register(6);
  const clock = new SleepClock();
  clock.onSleep = () => (clock.sleeps % 5 === 0 ? chain.mine(chain.time + 1) : undefined);
  const { follower, states, updates, metrics, rows } = await scripted.node("validator", clock);
  const signing = chain.signing(neurons[0]);
  const validator = neurons[0].neuronId;
  const duty = new AttestDuty({
    ...{ signing, validator, follower, states, updates, clock, log: silentLog, metrics },
  });
  return { ...scripted, neurons, clock, duty, rows };
}

test("AttestDuty, one of each kind: only what is held, decodes and starts from the state has its bit", async (t) => {
  const { chain, neurons, duty, seal, publish, rows } = await bench(t);
  const [, good, broken, elsewhere, missing] = neurons;
  const updates = [
    await seal(good, 0),
    await seal(broken, 0, { bytes: new Uint8Array(900) }),
    await seal(elsewhere, 0, { change: { parentRoot: `0x${"55".repeat(32)}` } }),
    await seal(missing, 0, { stored: false }),
  ];
  chain.goTo(0, 65);
  for (const [index, update] of updates.entries()) publish(neurons[index + 1], 0, update);
  await duty.attest(0, never);
  assert.deepEqual(chain.sent, [{ action: "attest", args: [0n, 0b10n] }]);
  const { genesis, revealSeconds, period } = chain.contracts.clock;
  assert.ok(chain.time >= genesis + revealSeconds, "not before the attest phase");
  assert.ok(chain.time < genesis + period, "in time although one is missing");
  const [latency] = rowsOf(rows, "latency");
  const { latencySeconds, ...done } = latency;
  assert.deepEqual(done, { type: "latency", duty: "attest", round: 0 });
  assert.ok(
    typeof latencySeconds === "number" && latencySeconds >= 0 && latencySeconds < period - revealSeconds,
  );
});

test("AttestDuty, content that appears in the attest phase: has its bit", async (t) => {
  const { chain, store, neurons, clock, duty, seal, publish } = await bench(t);
  const late = await seal(neurons[3], 0, { stored: false });
  chain.goTo(0, 65);
  publish(neurons[3], 0, late);
  chain.goTo(0, 80);
  clock.onSleep = () => store.put(late.encrypted, { signal: never });
  await duty.attest(0, never);
  assert.deepEqual(chain.sent[0].args, [0n, 0b1000n]);
});

test("AttestDuty, nothing revealed: an empty bitmap", async (t) => {
  const { chain, duty } = await bench(t);
  chain.goTo(0, 80);
  await duty.attest(0, never);
  assert.deepEqual(chain.sent[0].args, [0n, 0n]);
});

test("AttestDuty, a uid that changed hands within the round: says nothing about the newcomer's update", async (t) => {
  const { chain, neurons, duty, seal, publish } = await bench(t);
  const [, , first] = neurons;
  const newcomer = { neuronId: 9n, uid: first.uid, hotkey: `0x${"9".padStart(40, "a")}` } as const;
  const absent = await seal(first, 0, { stored: false });
  const theirs = await seal(newcomer, 0);
  chain.goTo(0, 10).commit(0, newcomer, theirs.content);
  chain.goTo(0, 65);
  publish(first, 0, absent);
  chain.registerAs(9n, first.uid, first.neuronId);
  chain.reveal(0, newcomer, theirs.content);
  await duty.attest(0, never);
  assert.deepEqual(chain.sent[0].args, [0n, 0n]);
});
