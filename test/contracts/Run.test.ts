import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { network } from "hardhat";
import type { Hex } from "viem";
import { newStorageSlots } from "../../scripts/localnet/gas.ts";
import type { Settlement } from "../../workers/protocol/settlementHistory.ts";
import type { YumaResult } from "../../workers/protocol/yuma.ts";
import { runAbis, testManifest } from "../support/deployedRun.ts";
import { ALLOCATION, type PlayedRun, type Player, playRun, WEFT } from "../support/playedRun.ts";

const ROUNDS = 15;
const TEMPO = 3;
/** The ring of four words is warm after four rounds; from here on a round is as good as any later one. */
const STEADY_FROM = 6;
const OWN_STAKE = [600n * WEFT, 200n * WEFT] as const;
const DELEGATED = 200n * WEFT;

/** Weights of the two validators by uid: three miners, then themselves. The own entries must not count. */
const rows = [
  [60_000, 30_000, 0, 5_000, 0],
  [59_000, 31_000, 100, 0, 9_000],
] as const;

describe("A run of five epochs, deployed by Ignition", () => {
  let play: PlayedRun;
  let miners: Player[];
  let validators: Player[];
  let delegator: Hex;
  let steadySent = 0;
  const expected: YumaResult[] = [];
  let settlements: readonly Settlement[] = [];

  before(async () => {
    play = await playRun(await network.create({ network: "default", override: { hardfork: "osaka" } }));
    const keys = play.accounts.slice(1);
    const players: Player[] = [];
    for (let index = 0; index < 5; index++) {
      players.push(await play.register(keys[2 * index]!, keys[2 * index + 1]!));
    }
    delegator = keys[10]!;
    miners = players.slice(0, 3);
    validators = players.slice(3);
    for (const [index, validator] of validators.entries()) {
      await play.stake(validator.coldkey, validator.neuronId, OWN_STAKE[index]!);
      await play.claimPermit(validator);
    }
    await play.stake(delegator, validators[1]!.neuronId, DELEGATED);
    for (let round = 0; round < ROUNDS; round++) {
      if (round === STEADY_FROM) steadySent = play.sent.length;
      await playRound(round);
    }
    settlements = (await play.history()).settlements;
  });

  async function playRound(round: number): Promise<void> {
    const scored = Math.floor(round / TEMPO) - 1;
    const step = scored < 0 ? undefined : round % TEMPO;
    await play.goTo(round, 0);
    for (const miner of miners) await play.commitUpdate(miner, round);
    for (const [index, validator] of validators.entries()) {
      if (step === 0) await play.commitWeights(validator, scored, rows[index]!);
      if (step === 1) await play.revealWeights(validator, scored, rows[index]!);
    }
    if (step === 2) {
      const prepared = await play.prepare(scored);
      expected.push(prepared.expected);
      await play.settleEpoch(validators[0]!.hotkey, prepared);
    }
    await play.goTo(round, play.clock.commitSeconds);
    for (const miner of miners) await play.revealUpdate(miner, round);
    await play.goTo(round, play.clock.revealSeconds);
    for (const validator of validators) await play.attest(validator, round, 0b111n);
  }

  const read = {
    earned: (neuronId: bigint) =>
      play.client.readContract({
        address: play.run.emission,
        abi: runAbis.emission,
        functionName: "earned",
        args: [neuronId],
      }),
    balance: (account: Hex) =>
      play.client.readContract({
        address: play.run.token,
        abi: runAbis.token,
        functionName: "balanceOf",
        args: [account],
      }),
    pool: (neuronId: bigint) =>
      play.client.readContract({
        address: play.run.stakeManager,
        abi: runAbis.stakeManager,
        functionName: "poolAssets",
        args: [neuronId],
      }),
  };

  const steadyGas = (action: string) =>
    play.sent
      .slice(steadySent)
      .filter((one) => one.action === action)
      .map((one) => one.gasUsed);

  it("RunRegistry, after the deployment, names every contract and the manifest", async () => {
    const registry = { address: play.run.runRegistry, abi: runAbis.runRegistry } as const;
    const { runRegistry: _, ...others } = play.run;
    assert.deepEqual(await play.client.readContract({ ...registry, functionName: "contracts" }), others);
    assert.deepEqual(await play.client.readContract({ ...registry, functionName: "manifest" }), {
      hash: testManifest.manifestHash,
      digest: testManifest.manifestDigest,
      size: BigInt(testManifest.manifestSize),
    });
  });

  it("settleEpoch, every epoch, gives what the TypeScript reference says", () => {
    assert.deepEqual(
      settlements.map(({ epoch }) => epoch),
      [0, 1, 2, 3],
    );
    for (const [index, settlement] of settlements.entries()) {
      const reference = expected[index]!;
      assert.deepEqual(settlement.incentives, reference.incentive, `incentive of epoch ${index}`);
      assert.deepEqual(settlement.dividends, reference.dividends, `dividends of epoch ${index}`);
      assert.deepEqual(settlement.consensus, reference.consensus, `consensus of epoch ${index}`);
    }
  });

  it("settleEpoch, own weights in the rows, pays no incentive for them", () => {
    for (const { epoch, incentives } of settlements) {
      for (const { uid } of validators) assert.equal(incentives[uid], 0n, `epoch ${epoch}, uid ${uid}`);
    }
  });

  it("a round in steady state opens no storage slot", async () => {
    const transactions = play.sent.slice(steadySent).map((one) => {
      return { ...one, blockNumber: 0n, timestamp: 0 };
    });
    for (const action of [
      "commitUpdate",
      "revealUpdate",
      "attest",
      "commitWeights",
      "revealWeights",
      "settleEpoch",
    ]) {
      const own = transactions.filter((one) => one.action === action);
      assert.ok(own.length > 0, action);
      assert.equal(await newStorageSlots(play.client, own), 0, action);
    }
  });

  it("gas in steady state, per action, stays within its limit", () => {
    const limits = { commitUpdate: 33_000, revealUpdate: 42_000, attest: 32_000, commitWeights: 33_000 };
    for (const [action, limit] of Object.entries(limits)) {
      const gas = steadyGas(action);
      assert.ok(gas.length > 0, action);
      assert.ok(Math.max(...gas) <= limit, `${action}: ${Math.max(...gas)} > ${limit}`);
    }
  });

  it("claim, after settlements, pays the coldkey what the neuron earned", async () => {
    for (const { neuronId, coldkey } of miners.slice(0, 2)) {
      const [earned, claimed] = await read.earned(neuronId);
      assert.ok(earned > 0n, `neuron ${neuronId}`);
      assert.equal(claimed, 0n);
      const balance = await read.balance(coldkey);
      await play.claim(coldkey, neuronId);
      assert.equal(await read.balance(coldkey), balance + earned, `neuron ${neuronId}`);
      assert.deepEqual(await read.earned(neuronId), [earned, earned]);
    }
  });

  it("settlements, a miner that only a minority gives weight, pay it nothing", async () => {
    assert.deepEqual(await read.earned(miners[2]!.neuronId), [0n, 0n]);
  });

  it("settlements, dividends above the take, raise the pools and follow the stake", async () => {
    const gains = [];
    for (const [index, { neuronId }] of validators.entries()) {
      const staked = index === 0 ? OWN_STAKE[0] : OWN_STAKE[1] + DELEGATED;
      gains.push((await read.pool(neuronId)) - staked);
    }
    assert.ok(gains.every((gain) => gain > 0n));
    const ratio = Number(gains[0]) / Number(gains[1]);
    assert.ok(ratio > 1.4 && ratio < 1.6, `dividends ${ratio}, stake 1.5`);
  });

  it("unstake and withdraw, after the unbonding time, pay stake and reward", async () => {
    const { neuronId } = validators[1]!;
    const manager = { address: play.run.stakeManager, abi: runAbis.stakeManager } as const;
    const args = [neuronId, delegator] as const;
    const shares = await play.client.readContract({ ...manager, functionName: "shares", args });
    await play.goTo(ROUNDS, 0);
    await play.unstake(delegator, neuronId, shares);
    const [entry] = await play.client.readContract({ ...manager, functionName: "unbonding", args });
    assert.ok(entry!.assets > DELEGATED);
    await play.goTo(ROUNDS + 3 * TEMPO, 0);
    await play.withdraw(delegator, neuronId);
    assert.equal(await read.balance(delegator), ALLOCATION - DELEGATED + entry!.assets);
  });

  it("supply, after all of it, is what was allocated and minted less what was burned, and nothing is missing", async () => {
    const token = { address: play.run.token, abi: runAbis.token } as const;
    const supply = await play.client.readContract({ ...token, functionName: "totalSupply" });
    let held = 0n;
    for (const account of [...play.accounts, play.run.emission, play.run.stakeManager, play.run.vault]) {
      held += await read.balance(account);
    }
    assert.equal(held, supply);
    const issued = await play.client.readContract({ ...token, functionName: "issued" });
    const burned = issued - supply;
    assert.ok(issued > ALLOCATION * BigInt(play.accounts.length - 1));
    assert.ok(burned >= 5n * WEFT, `${burned} burned by five registrations`);
  });
});
