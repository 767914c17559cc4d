import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFunctionData, type Hex, numberToHex } from "viem";
import { epochEngineAbi } from "../../../workers/chain/generated/abi.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { SettleDuty } from "../../../workers/validator/settleDuty.ts";
import { ScriptedChain, type ScriptedNeuron } from "../../support/scriptedChain.ts";
import { never, SleepClock } from "../../support/scriptedRun.ts";

const nothing = { hash: "0x", digest: "0x", size: 0 } as const;
/** As `EpochEngine.parametersAt` encodes them: kappa, moving average, penalty, reviveAfter. */
const parameters: Hex = `0x${[32_767, 900_000, 1, 8].map((value) => numberToHex(value, { size: 32 }).slice(2)).join("")}`;

/** Validators 1 … n with a permit; with weights for epoch 0 that say: uid 0 alone. */
function bench(count: number, rows = true) {
  const chain = new ScriptedChain(nothing);
  const call = { abi: epochEngineAbi, functionName: "parametersAt", args: [0n] } as const;
  chain.views.set(encodeFunctionData(call), parameters);
  const validators = chain.register(count);
  chain.permit(validators);
  chain.goTo(4, 5);
  if (rows) for (const validator of validators) chain.revealWeights(0, validator, "0xffff");
  const clock = new SleepClock();
  clock.onSleep = () => chain.mine(chain.time + 5);
  const dutyOf = (validator: ScriptedNeuron) =>
    new SettleDuty({
      signing: chain.signing(validator),
      follower: chain.follower(clock),
      validator: validator.neuronId,
      log: silentLog,
    });
  return { chain, validators, dutyOf, secondsIn: (round: number) => chain.time - 10_000 - round * 100 };
}

test("SettleDuty, validators in turn: the first at once, the second a quarter of a round later", async () => {
  for (const [index, delay] of [0, 25].entries()) {
    const { chain, validators, dutyOf, secondsIn } = bench(2);
    await dutyOf(validators[index]).settle(0, never);
    assert.deepEqual(
      chain.sent.map(({ action, args }) => [action, args[0]]),
      [["settleEpoch", 0n]],
    );
    assert.equal(secondsIn(5), delay, `validator ${index}`);
  }
});

test("SettleDuty, many validators and only the last of them at work: still in time", async () => {
  const { chain, validators, dutyOf, secondsIn } = bench(16);
  await dutyOf(validators[15]).settle(0, never);
  assert.equal(chain.sent.length, 1);
  assert.ok(secondsIn(5) <= 50, `${secondsIn(5)} s`);
});

test("SettleDuty, somebody was faster: sends nothing", async () => {
  const { chain, validators, dutyOf } = bench(2);
  chain.goTo(5, 3).settle(0, [1n, 2n]);
  await dutyOf(validators[1]).settle(0, never);
  assert.deepEqual(chain.sent, []);
});

test("SettleDuty, the epoch's time is over or no row was revealed: sends nothing", async () => {
  const late = bench(1);
  late.chain.goTo(6, 0);
  await late.dutyOf(late.validators[0]).settle(0, never);
  assert.deepEqual(late.chain.sent, []);
  const silent = bench(1, false);
  await silent.dutyOf(silent.validators[0]).settle(0, never);
  assert.deepEqual(silent.chain.sent, []);
});
