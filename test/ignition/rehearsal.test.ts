import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { network } from "hardhat";
import { type Abi, custom, encodeFunctionData, type Hex, keccak256, parseAbi, stringToHex } from "viem";
import { readPowers } from "../../scripts/deployment/powers.ts";
import { connectRun } from "../../workers/chain/connectRun.ts";
import { runAbis } from "../support/deployedRun.ts";
import { type PlayedRun, type Player, playRun, WEFT } from "../support/playedRun.ts";

const governorAbi = parseAbi([
  "function propose(address[] targets, uint256[] values, bytes[] calldatas, string description) returns (uint256)",
  "function hashProposal(address[] targets, uint256[] values, bytes[] calldatas, bytes32 description) view returns (uint256)",
  "function castPoolVote(uint256 proposalId, uint256 neuronId, uint8 support) returns (uint256)",
  "function queue(address[] targets, uint256[] values, bytes[] calldatas, bytes32 description) returns (uint256)",
  "function execute(address[] targets, uint256[] values, bytes[] calldatas, bytes32 description) payable returns (uint256)",
]);
const FOR = 1;
/** Local parameters: seconds that a vote and the timelock take, with a block's time to spare. */
const voteSeconds = 98;
const timelockSeconds = 18;

describe("a rehearsal on a deployed run, everything through governor and timelock", () => {
  it("pauses stakes, changes a penalty and puts a new engine in place; the run settles on with nothing lost", async () => {
    const connection = await network.create();
    const play = await playRun(connection);
    const [deployer, cold, minerHot, hot, proposer] = play.accounts as [Hex, Hex, Hex, Hex, Hex];
    const miner = await play.register(cold, minerHot);
    const validator = await play.register(cold, hot);
    await play.stake(cold, validator.neuronId, 9_000n * WEFT);
    await play.claimPermit(validator);
    await play.act(proposer, "token", "delegate", [proposer]);
    await settle(play, 0, [miner, validator]);
    const read = (
      name: "epochEngine" | "runRegistry" | "emission",
      functionName: string,
      args: unknown[] = [],
    ) => play.client.readContract({ address: play.run[name], abi: runAbis[name] as Abi, functionName, args });
    const bondsBefore = await read("epochEngine", "bondsHash");

    const authority = (await read("epochEngine", "authority")) as Hex;
    const parameters = await read("epochEngine", "parametersAt", [0n]);
    const { metagraph, stakeManager, weightLedger, emission, epochEngine, runRegistry, slashing } = play.run;
    const successor = await connection.viem.deployContract("EpochEngine", [
      metagraph,
      stakeManager,
      weightLedger,
      emission,
      parameters,
      epochEngine,
      authority,
    ] as never);
    const call = (contract: keyof typeof runAbis, functionName: string, args: readonly unknown[]) =>
      encodeFunctionData({ abi: runAbis[contract] as Abi, functionName, args });
    const now = Number((await play.client.getBlock()).timestamp);
    const penalties = {
      updateNotRevealedBps: 300n,
      weightsNotRevealedBps: 100n,
      dataWithheldBps: 200n,
      twoStateRootsBps: 2000n,
      poolCapBps: 500n,
      rewardBps: 1000n,
    };
    const proposal = {
      targets: [stakeManager, slashing, runRegistry],
      calldatas: [
        call("stakeManager", "pause", [BigInt(now + 100_000)]),
        call("slashing", "setParameters", [penalties]),
        call("runRegistry", "replaceEpochEngine", [successor.address]),
      ],
    };
    await govern(play, connection, { proposer, coldkey: cold, pool: validator.neuronId, epoch: 2 }, proposal);

    const contracts = (await read("runRegistry", "contracts")) as { epochEngine: Hex };
    assert.equal(contracts.epochEngine.toLowerCase(), successor.address.toLowerCase());
    await assert.rejects(play.stake(cold, validator.neuronId, WEFT), /Paused/);
    const kept = await play.client.readContract({
      address: slashing,
      abi: runAbis.slashing,
      functionName: "parameters",
    });
    assert.equal(kept.updateNotRevealedBps, 300n);
    const next = { address: successor.address, abi: runAbis.epochEngine } as const;
    assert.equal(await play.client.readContract({ ...next, functionName: "bondsHash" }), bondsBefore);
    const [earned] = (await read("emission", "earned", [miner.neuronId])) as [bigint, bigint];
    assert.ok(earned > 0n);

    // The next epochs are settled by the successor alone, from the bonds that the first one left; stake stays withdrawable.
    await settle(play, 3, [miner, validator], successor.address);
    const [more] = (await read("emission", "earned", [miner.neuronId])) as [bigint, bigint];
    assert.ok(more > earned);
    await play.unstake(cold, validator.neuronId, 10n ** 24n);
    assert.ok(deployer !== cold);
  });
});

/** Commits, reveals and settles an epoch in which the validator gives the miner all. */
async function settle(
  play: PlayedRun,
  epoch: number,
  [, validator]: readonly [Player, Player],
  engine: Hex = play.run.epochEngine,
): Promise<void> {
  await play.goTo(3 * (epoch + 1), 0);
  await play.commitWeights(validator, epoch, [65_535, 0]);
  await play.goTo(3 * (epoch + 1) + 1, 0);
  await play.revealWeights(validator, epoch, [65_535, 0]);
  await play.goTo(3 * (epoch + 1) + 2, 0);
  const { witness } = await play.prepare(epoch);
  const contract = { address: engine, abi: runAbis.epochEngine, functionName: "settleEpoch" } as const;
  const hash = await play
    .wallet(validator.hotkey)
    .writeContract({ ...contract, args: [BigInt(epoch), witness] });
  await play.client.waitForTransactionReceipt({ hash });
}

interface Voters {
  readonly proposer: Hex;
  readonly coldkey: Hex;
  readonly pool: bigint;
  /** In which the vote opens; the proposal is made in the one before. */
  readonly epoch: number;
}

async function govern(
  play: PlayedRun,
  connection: Parameters<typeof playRun>[0],
  { proposer, coldkey, pool, epoch }: Voters,
  { targets, calldatas }: { targets: Hex[]; calldatas: Hex[] },
): Promise<void> {
  const transport = custom(connection.provider);
  const signal = new AbortController().signal;
  const run = await connectRun({ transport, registry: play.run.runRegistry, deployBlock: 0n, signal });
  const { governor } = await readPowers(run, signal);
  if (governor === undefined) throw new Error("no governor");
  const contract = { address: governor, abi: governorAbi } as const;
  const values = targets.map(() => 0n);
  const text = "rehearsal";
  const hashed = [targets, values, calldatas, keccak256(stringToHex(text))] as const;
  const send = async (pending: Promise<Hex>) => {
    const { status } = await play.client.waitForTransactionReceipt({ hash: await pending });
    assert.equal(status, "success");
  };
  const by = (account: Hex) => play.wallet(account);
  await send(
    by(proposer).writeContract({
      ...contract,
      functionName: "propose",
      args: [targets, values, calldatas, text],
    }),
  );
  const id = await play.client.readContract({ ...contract, functionName: "hashProposal", args: hashed });
  await play.goTo(3 * epoch, 1);
  await send(by(coldkey).writeContract({ ...contract, functionName: "castPoolVote", args: [id, pool, FOR] }));
  await play.goTo(3 * epoch, voteSeconds);
  await send(by(proposer).writeContract({ ...contract, functionName: "queue", args: hashed }));
  await play.goTo(3 * epoch, voteSeconds + timelockSeconds);
  await send(by(proposer).writeContract({ ...contract, functionName: "execute", args: hashed }));
}
