import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseEther } from "viem";
import { permitVerb } from "../../../scripts/tasks/permit.ts";
import { readPool } from "../../../scripts/tasks/pool.ts";
import { registerVerb } from "../../../scripts/tasks/register.ts";
import { stakeVerb } from "../../../scripts/tasks/stake.ts";
import { unstakeVerb } from "../../../scripts/tasks/unstake.ts";
import { withdrawVerb } from "../../../scripts/tasks/withdraw.ts";
import { readMetagraph } from "../../../workers/chain/actions/readMetagraph.ts";
import { never } from "../../support/faultyChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

describe("stake, permit, unstake and withdraw", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  before(async () => {
    bench = await verbBench(dir);
    for (const as of ["alice", "bob"]) await registerVerb({ ...bench.options, as }, bench.context);
  });

  const stake = (as: string, amount: string, more: object = {}) =>
    stakeVerb({ ...bench.options, as, amount, permit: false, ...more }, bench.context);
  const unstake = (as: string, more: object) =>
    unstakeVerb({ ...bench.options, as, all: false, ...more }, bench.context);
  const pool = async (as: string, neuronId: bigint) => {
    const { address } = await bench.key(as, "coldkey");
    return readPool(await bench.chain.connect(), neuronId, address, never);
  };

  it("stake, the own neuron, adds whole tokens and decimals to its pool", async () => {
    const { json } = await stake("alice", "12.5");
    const { neuronId, staked, ownStake, poolStake } = json;
    const expected = { neuronId: "1", staked: "12.5", ownStake: "12.5", poolStake: "12.5" };
    assert.deepEqual({ neuronId, staked, ownStake, poolStake }, expected);
    assert.deepEqual(await pool("alice", 1n), { own: parseEther("12.5"), total: parseEther("12.5") });
  });

  it("stake, a delegator without hotkey, by uid and by neuron, stakes on the same pool", async () => {
    await stake("dora", "3", { uid: "0" });
    await stake("dora", "4", { neuron: "1" });
    assert.deepEqual(await pool("dora", 1n), { own: parseEther("7"), total: parseEther("19.5") });
    await rejectsWith(bench.key("dora", "hotkey"), "KEY_FILE_MISSING");
  });

  it("stake, a neuron that is not there or named twice, is refused", async () => {
    await rejectsWith(stake("dora", "1", { uid: "7" }), "UNKNOWN_UID");
    for (const neuron of ["0", "3"]) await rejectsWith(stake("dora", "1", { neuron }), "UNKNOWN_NEURON");
    await rejectsWith(stake("dora", "1", { uid: "first" }), "NUMBER_INVALID");
    await rejectsWith(stake("dora", "1", { uid: "0", neuron: "1" }), "OPTIONS_CONFLICT");
    await rejectsWith(stake("nobody", "1"), "KEY_FILE_MISSING");
  });

  for (const amount of ["", "0", "0.0", "-1", "1,5", "1e3", "ten", "0x10", `0.${"0".repeat(18)}1`]) {
    it(`stake, amount "${amount}", is no amount`, async () => {
      await rejectsWith(stake("alice", amount), "AMOUNT_INVALID");
    });
  }

  it("stake, more than the local chain's first account has, is refused", async () => {
    await rejectsWith(stake("alice", "99999999"), "INSUFFICIENT_TOKENS");
  });

  it("stake with permit, too little in the pool, is refused before anything is staked", async () => {
    await rejectsWith(stake("bob", "0.999", { permit: true }), "STAKE_BELOW_MINIMUM");
    assert.equal((await pool("bob", 2n)).total, 0n);
    await rejectsWith(permitVerb({ ...bench.options, as: "bob" }, bench.context), "STAKE_BELOW_MINIMUM");
  });

  it("stake with permit, another's neuron, is refused", async () => {
    await rejectsWith(stake("bob", "5", { permit: true, uid: "0" }), "NOT_OPERATOR");
  });

  it("stake with permit, exactly the minimum, may validate from epoch 0", async () => {
    const { json } = await stake("bob", "1", { permit: true });
    assert.ok(typeof json.permit === "object" && json.permit !== null && "fromEpoch" in json.permit);
    assert.equal(json.permit.fromEpoch, 0);
    await rejectsWith(stake("bob", "1", { permit: true }), "ALREADY_PERMITTED");
  });

  it("permit, stake of one's own and of others above the minimum, may validate", async () => {
    const { json } = await permitVerb({ ...bench.options, as: "alice" }, bench.context);
    assert.deepEqual([json.uid, json.fromEpoch, json.evictedUid], [0, 0, null]);
    const { rows } = await readMetagraph(await bench.chain.connect(), never);
    assert.deepEqual(
      rows.map(({ permitted }) => permitted),
      [true, true],
    );
  });

  it("unstake, more than is held or of a foreign pool, is refused", async () => {
    await rejectsWith(unstake("dora", { amount: "7.1", uid: "0" }), "INSUFFICIENT_STAKE");
    await rejectsWith(unstake("dora", { all: true, uid: "1" }), "INSUFFICIENT_STAKE");
    await rejectsWith(unstake("dora", { amount: "1", all: true, uid: "0" }), "OPTIONS_CONFLICT");
    await rejectsWith(unstake("dora", { uid: "0" }), "AMOUNT_MISSING");
    await rejectsWith(unstake("nobody", { all: true, uid: "0" }), "KEY_FILE_MISSING");
  });

  it("unstake, a part and then all, queues both; withdraw pays them when released and not before", async () => {
    const part = await unstake("dora", { amount: "2.5", uid: "0" });
    assert.equal(part.json.unstaked, "2.5");
    const rest = await unstake("dora", { all: true, uid: "0" });
    assert.equal(rest.json.unstaked, "4.5");
    assert.equal((await pool("dora", 1n)).own, 0n);
    const args = { ...bench.options, as: "dora", uid: "0" };
    await rejectsWith(withdrawVerb(args, bench.context), "CONTRACT_REVERT", "NothingMatured");
    await bench.chain.goTo(9, 0);
    assert.equal(rest.json.releaseAt, bench.chain.genesis + 9_000);
    const { json } = await withdrawVerb(args, bench.context);
    assert.equal(json.withdrawn, "7");
    await rejectsWith(withdrawVerb(args, bench.context), "CONTRACT_REVERT", "NothingMatured");
  });
});
