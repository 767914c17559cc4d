import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { network } from "hardhat";
import {
  type Abi,
  createWalletClient,
  custom,
  encodeFunctionData,
  type Hex,
  parseAbi,
  parseEther,
} from "viem";
import { readSettlementFacts } from "../../../workers/chain/actions/readSettlementFacts.ts";
import { connectRun } from "../../../workers/chain/connectRun.ts";
import { emissionAbi, epochEngineAbi } from "../../../workers/chain/generated/abi.ts";
import type { ChainEvent } from "../../../workers/protocol/chainEvents.ts";
import { type PayReceipt, payReceipt, type SettlementFacts } from "../../../workers/protocol/payReceipt.ts";
import { type Connection, runAbis } from "../../support/deployedRun.ts";
import { never } from "../../support/faultyChain.ts";
import { type PlayedRun, type Player, playRun, WEFT } from "../../support/playedRun.ts";
import { runEvents } from "../../support/runEvents.ts";

/** Rows of two validators for two miners: the second gives the first miner more than the majority does. */
const rows = [
  [30_000, 30_000, 0, 0],
  [60_000, 5_535, 0, 0],
] as const;
const accessAbi = parseAbi([
  "function getTargetFunctionRole(address target, bytes4 selector) view returns (uint64)",
  "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
]);
const stakes = [600n * WEFT, 400n * WEFT] as const;

describe("payReceipt, a run on the contracts: epoch 1 was skipped, the split changed in epoch 4", () => {
  let connection: Connection;
  let play: PlayedRun;
  let players: Player[];
  let events: readonly ChainEvent[];
  let facts: SettlementFacts;

  before(async () => {
    connection = await network.create();
    play = await playRun(connection);
    players = [];
    const keys = play.accounts.slice(1);
    for (let index = 0; index < 4; index++)
      players.push(await play.register(keys[2 * index]!, keys[2 * index + 1]!));
    for (const [index, validator] of players.slice(2).entries()) {
      await play.stake(validator.coldkey, validator.neuronId, stakes[index]!);
      await play.claimPermit(validator);
    }
    for (const epoch of [0, 2, 3, 4]) await settle(epoch);
    await changeConsensus();
    events = await runEvents(play.client, play.run);
    const transport = custom(connection.provider);
    const registry = play.run.runRegistry;
    const run = await connectRun({ transport, registry, deployBlock: 0n, signal: never });
    facts = await readSettlementFacts(run, await play.client.getBlockNumber(), never);
  });

  async function settle(epoch: number): Promise<void> {
    const first = 3 * (epoch + 1);
    for (const [offset, act] of [play.commitWeights, play.revealWeights].entries()) {
      await play.goTo(first + offset, 1);
      for (const [index, validator] of players.slice(2).entries()) await act(validator, epoch, rows[index]!);
    }
    await play.goTo(first + 2, 1);
    const prepared = await play.prepare(epoch);
    // Epoch 3 is settled in epoch 4, when the split has just changed: it is still split as before.
    if (epoch === 3) await changeSplit();
    await play.settleEpoch(players[3]!.hotkey, prepared);
  }

  async function changeSplit(): Promise<void> {
    const emission = { address: play.run.emission, abi: emissionAbi } as const;
    const now = await play.client.readContract({ ...emission, functionName: "parameters" });
    await asTimelock("emission", [{ ...now, minerBps: 5_000n, validatorBps: 3_200n }]);
  }

  /** Twice, so that the engine itself no longer knows what the first epochs were settled with. */
  async function changeConsensus(): Promise<void> {
    const engine = { address: play.run.epochEngine, abi: epochEngineAbi } as const;
    const now = await play.client.readContract({ ...engine, functionName: "parametersAt", args: [0n] });
    for (const [round, kappaU16] of [
      [18, 45_000n],
      [21, 50_000n],
    ] as const) {
      await play.goTo(round, 1);
      await asTimelock("epochEngine", [{ ...now, kappaU16 }]);
    }
  }

  /** `setParameters` as the timelock, which holds the role, would call it after a vote. */
  async function asTimelock(contract: "emission" | "epochEngine", args: readonly unknown[]): Promise<void> {
    const { client, run } = play;
    // Both have the function; what does not fit the ABI fails when it is encoded.
    const target = { address: run[contract], abi: runAbis[contract] as Abi };
    const address = (await client.readContract({ ...target, functionName: "authority" })) as Hex;
    const selector = encodeFunctionData({ abi: target.abi, functionName: "setParameters", args }).slice(
      0,
      10,
    );
    const managed = { address, abi: accessAbi, functionName: "getTargetFunctionRole" } as const;
    const roleId = await client.readContract({ ...managed, args: [run[contract], selector as Hex] });
    const granted = {
      address,
      abi: accessAbi,
      eventName: "RoleGranted",
      args: { roleId },
      fromBlock: 0n,
    } as const;
    const timelock = (await client.getContractEvents(granted)).at(-1)?.args.account;
    assert.ok(timelock !== undefined);
    const { networkHelpers } = connection;
    await networkHelpers.impersonateAccount(timelock);
    await networkHelpers.setBalance(timelock, parseEther("1"));
    const wallet = createWalletClient({ account: timelock, transport: custom(connection.provider) });
    await wallet.writeContract({ ...target, functionName: "setParameters", args, chain: null });
  }

  function receipt(player: Player, epoch: number): PayReceipt {
    const found = payReceipt(play.clock, events, epoch, player, facts);
    assert.ok(found !== undefined, `epoch ${epoch}`);
    return found;
  }

  it("every neuron and epoch, agrees with consensus and emission to the wei", () => {
    for (const epoch of [0, 2, 3, 4]) {
      for (const player of players) {
        const { disagreements, incentive, dividend, credited, bounty } = receipt(player, epoch);
        const where = `neuron ${player.neuronId} in epoch ${epoch}`;
        assert.deepEqual(disagreements, [], where);
        assert.deepEqual({ incentive, dividend }, credited, where);
        assert.equal(bounty > 0n, player.uid === 3, `${where}: who settles gets the bounty`);
      }
      const paid = players.map((player) => receipt(player, epoch));
      assert.ok(paid[0]!.incentive > 0n && paid[2]!.dividend > 0n, `epoch ${epoch}`);
    }
  });

  it("an epoch after one that was skipped, is paid for both", () => {
    const one = receipt(players[0]!, 0).pots;
    assert.equal(receipt(players[0]!, 2).pots.seconds, 2n * one.seconds);
  });

  it("a split that changed, holds for the epoch in which it did", () => {
    const bps = [0, 2, 3, 4].map((epoch) => receipt(players[0]!, epoch).split.minerBps);
    assert.deepEqual(bps, [4_100n, 4_100n, 4_100n, 5_000n]);
  });

  it("consensus parameters that changed twice since, are still those of the epoch", async () => {
    const kappas = facts.consensus.map(({ kappaU16 }) => kappaU16);
    assert.deepEqual(kappas, [32_767, 45_000, 50_000]);
    const call = {
      address: play.run.epochEngine,
      abi: epochEngineAbi,
      functionName: "parametersAt",
    } as const;
    const now = await play.client.readContract({ ...call, args: [0n] });
    assert.notEqual(now.kappaU16, 32_767n, "the engine has forgotten");
  });

  it("a weight above what the majority gives, is clipped, and the votes sum to the rank", () => {
    const { votes, rank, consensus } = receipt(players[0]!, 0);
    assert.deepEqual(
      votes.map(({ neuronId, clipped, weight }) => [neuronId, clipped, weight]),
      [
        [players[2]!.neuronId, false, 30_000],
        [players[3]!.neuronId, true, 60_000],
      ],
    );
    assert.equal(votes[1]!.counted, consensus);
    assert.equal(votes[0]!.rank + votes[1]!.rank, rank);
  });

  it("other parameters than the epoch was settled with, is said to disagree", () => {
    const other = facts.consensus.map((set) => ({ ...set, kappaU16: 45_000 }));
    const found = payReceipt(play.clock, events, 0, players[0]!, { ...facts, consensus: other });
    assert.ok(found?.disagreements.includes("consensus"));
  });

  it("an epoch that nobody settled, has no receipt", () => {
    assert.equal(payReceipt(play.clock, events, 1, players[0]!, facts), undefined);
  });
});
