import { type Abi, type Hex, keccak256, stringToHex } from "viem";
import type { ModuleParameter } from "../../ignition/readParameters.ts";
import { type RoundClock, roundStart } from "../../workers/protocol/clock.ts";
import { updateCommitment, weightsCommitment } from "../../workers/protocol/commitment.ts";
import { RunHistory } from "../../workers/protocol/runHistory.ts";
import { type PreparedSettlement, prepareSettlement } from "../../workers/protocol/settlement.ts";
import { packRow } from "../../workers/protocol/weights.ts";
import type { YumaParameters } from "../../workers/protocol/yuma.ts";
import { type Connection, type DeployedRun, deployRun, runAbis } from "./deployedRun.ts";
import { runEvents } from "./runEvents.ts";

export const WEFT = 10n ** 18n;
/** Every participant's part of the genesis allocation. */
export const ALLOCATION = 10_000n * WEFT;

const NEVER = 2n ** 63n;
const clockShape = { period: 1000, commitSeconds: 600, revealSeconds: 800, tempo: 3 };

/** Consensus parameters of `ignition/parameters/local.json`. */
export const yumaParameters: YumaParameters = {
  kappaU16: 32_767,
  bondsMovingAverageMillionths: 900_000,
  bondsPenalty: 1,
};

/** A neuron of the test: two keys and what they became on chain. */
export interface Player {
  readonly coldkey: Hex;
  readonly hotkey: Hex;
  readonly neuronId: bigint;
  readonly uid: number;
}

/** A sent transaction as the test needs it. */
export interface Sent {
  readonly action: string;
  readonly hash: Hex;
  readonly gasUsed: number;
}

export type PlayedRun = Awaited<ReturnType<typeof playRun>>;

/**
 * A run on a chain of its own and verbs to play it by. Every verb is one transaction in one block whose timestamp the
 * test has set with `goTo` (or one second after the last). All accounts but the first own `ALLOCATION`.
 */
export async function playRun(
  connection: Connection,
  overrides: Readonly<Record<string, ModuleParameter>> = {},
) {
  const { viem, networkHelpers } = connection;
  const client = await viem.getPublicClient();
  const wallets = new Map((await viem.getWalletClients()).map((wallet) => [wallet.account.address, wallet]));
  const accounts = [...wallets.keys()];
  const genesis = Number((await client.getBlock()).timestamp) + 1000;
  const clock: RoundClock = { genesis, ...clockShape };
  const allocation = new Map(accounts.slice(1).map((account) => [account, ALLOCATION]));
  const run: DeployedRun = await deployRun(connection, genesis, allocation, { ...clockShape, ...overrides });
  const identity = { chainId: await client.getChainId() };
  const sent: Sent[] = [];

  function wallet(account: Hex) {
    const found = wallets.get(account);
    if (found === undefined) throw new Error(`No wallet holds ${account}.`);
    return found;
  }

  /** Waits for a transaction and notes its gas. */
  async function mined(action: string, pending: Promise<Hex>): Promise<void> {
    const hash = await pending;
    const { gasUsed } = await client.waitForTransactionReceipt({ hash });
    sent.push({ action, hash, gasUsed: Number(gasUsed) });
  }

  /** Any call of a contract of the run, as one transaction. */
  async function act(
    account: Hex,
    contract: keyof DeployedRun,
    functionName: string,
    args: readonly unknown[],
  ): Promise<void> {
    // Names and arguments are the test's: what does not fit the ABI fails when it is encoded.
    const call = { address: run[contract], abi: runAbis[contract] as Abi, functionName, args };
    await mined(functionName, wallet(account).writeContract(call));
  }

  /** The next transaction is mined `offset` seconds after the start of a round. */
  async function goTo(round: number, offset: number): Promise<void> {
    await networkHelpers.time.setNextBlockTimestamp(roundStart(clock, round) + offset);
  }

  async function register(coldkey: Hex, hotkey: Hex): Promise<Player> {
    const token = { address: run.token, abi: runAbis.token } as const;
    const metagraph = { address: run.metagraph, abi: runAbis.metagraph } as const;
    const approval = { ...token, functionName: "approve", args: [run.metagraph, ALLOCATION] } as const;
    await mined("approve", wallet(coldkey).writeContract(approval));
    const consent = await wallet(hotkey).signTypedData({
      domain: {
        name: "Weft Metagraph",
        version: "1",
        chainId: identity.chainId,
        verifyingContract: run.metagraph,
      },
      types: {
        Register: [
          { name: "coldkey", type: "address" },
          { name: "hotkey", type: "address" },
          { name: "deadline", type: "uint256" },
        ],
      },
      primaryType: "Register",
      message: { coldkey, hotkey, deadline: NEVER },
    });
    const args = [hotkey, ALLOCATION, NEVER, consent] as const;
    await mined("register", wallet(coldkey).writeContract({ ...metagraph, functionName: "register", args }));
    const [neuronId, uid] = await client.readContract({
      ...metagraph,
      functionName: "neuronOfHotkey",
      args: [hotkey],
    });
    return { coldkey, hotkey, neuronId, uid: Number(uid) };
  }

  async function stake(account: Hex, neuronId: bigint, assets: bigint): Promise<void> {
    const approve = { address: run.token, abi: runAbis.token, functionName: "approve" } as const;
    await mined("approve", wallet(account).writeContract({ ...approve, args: [run.stakeManager, assets] }));
    const call = { address: run.stakeManager, abi: runAbis.stakeManager, functionName: "stake" } as const;
    await mined("stake", wallet(account).writeContract({ ...call, args: [neuronId, assets, 0n, NEVER] }));
  }

  async function unstake(account: Hex, neuronId: bigint, shares: bigint): Promise<void> {
    const call = { address: run.stakeManager, abi: runAbis.stakeManager, functionName: "unstake" } as const;
    await mined("unstake", wallet(account).writeContract({ ...call, args: [neuronId, shares, 0n, NEVER] }));
  }

  async function withdraw(account: Hex, neuronId: bigint): Promise<void> {
    const call = { address: run.stakeManager, abi: runAbis.stakeManager, functionName: "withdraw" } as const;
    await mined("withdraw", wallet(account).writeContract({ ...call, args: [neuronId] }));
  }

  async function claimPermit({ hotkey, uid }: Player): Promise<void> {
    const call = { address: run.metagraph, abi: runAbis.metagraph, functionName: "claimPermit" } as const;
    await mined("claimPermit", wallet(hotkey).writeContract({ ...call, args: [BigInt(uid)] }));
  }

  async function claim(account: Hex, neuronId: bigint): Promise<void> {
    const call = { address: run.emission, abi: runAbis.emission, functionName: "claim" } as const;
    await mined("claim", wallet(account).writeContract({ ...call, args: [neuronId] }));
  }

  /** The update that a player stores in a round of a test: nothing but its name. */
  function updateOf(player: Player, round: number) {
    const name = `${player.neuronId} in ${round}`;
    const content = { digest: keccak256(stringToHex(name)), size: 123_456, dataRoot: keccak256(`0x${"0f"}`) };
    return { content, salt: keccak256(stringToHex(`salt of ${name}`)) };
  }

  async function commitUpdate(player: Player, round: number): Promise<void> {
    const { content, salt } = updateOf(player, round);
    const whole = { ...identity, ledger: run.updateLedger, neuronId: player.neuronId, round };
    const commitment = updateCommitment(whole, content, salt);
    const call = {
      address: run.updateLedger,
      abi: runAbis.updateLedger,
      functionName: "commitUpdate",
    } as const;
    const { digest, size } = content;
    const args = [BigInt(round), digest, BigInt(size), commitment] as const;
    await mined("commitUpdate", wallet(player.hotkey).writeContract({ ...call, args }));
  }

  async function revealUpdate(player: Player, round: number): Promise<void> {
    const { content, salt } = updateOf(player, round);
    const call = {
      address: run.updateLedger,
      abi: runAbis.updateLedger,
      functionName: "revealUpdate",
    } as const;
    const { digest, size, dataRoot } = content;
    const args = [BigInt(round), digest, BigInt(size), dataRoot, salt] as const;
    await mined("revealUpdate", wallet(player.hotkey).writeContract({ ...call, args }));
  }

  async function attest(player: Player, round: number, bitmap: bigint): Promise<void> {
    const call = {
      address: run.attestationLedger,
      abi: runAbis.attestationLedger,
      functionName: "attest",
    } as const;
    await mined("attest", wallet(player.hotkey).writeContract({ ...call, args: [BigInt(round), bitmap] }));
  }

  const weightsSalt = (player: Player, epoch: number) =>
    keccak256(stringToHex(`${player.neuronId} of ${epoch}`));

  async function commitWeights(player: Player, epoch: number, weights: readonly number[]): Promise<void> {
    const whole = { ...identity, ledger: run.weightLedger, neuronId: player.neuronId, epoch };
    const commitment = weightsCommitment(whole, packRow(weights), weightsSalt(player, epoch));
    const call = {
      address: run.weightLedger,
      abi: runAbis.weightLedger,
      functionName: "commitWeights",
    } as const;
    const args = [BigInt(epoch), commitment, keccak256("0x0106"), 7890n] as const;
    await mined("commitWeights", wallet(player.hotkey).writeContract({ ...call, args }));
  }

  async function revealWeights(player: Player, epoch: number, weights: readonly number[]): Promise<void> {
    const call = {
      address: run.weightLedger,
      abi: runAbis.weightLedger,
      functionName: "revealWeights",
    } as const;
    const args = [BigInt(epoch), packRow(weights), weightsSalt(player, epoch)] as const;
    await mined("revealWeights", wallet(player.hotkey).writeContract({ ...call, args }));
  }

  /** The run as workers project it from the events so far. */
  async function history(): Promise<RunHistory> {
    const projected = new RunHistory(clock);
    projected.apply(await runEvents(client, run));
    return projected;
  }

  async function settleEpoch(account: Hex, prepared: PreparedSettlement): Promise<void> {
    const call = { address: run.epochEngine, abi: runAbis.epochEngine, functionName: "settleEpoch" } as const;
    const args = [BigInt(prepared.epoch), prepared.witness] as const;
    await mined("settleEpoch", wallet(account).writeContract({ ...call, args }));
  }

  /** The settlement as a worker prepares it from the events so far. */
  async function prepare(epoch: number): Promise<PreparedSettlement> {
    const prepared = prepareSettlement(await history(), epoch, yumaParameters);
    if (prepared === undefined) throw new Error(`Nothing was revealed for epoch ${epoch}.`);
    return prepared;
  }

  return {
    run,
    client,
    clock,
    accounts,
    sent,
    act,
    goTo,
    register,
    stake,
    unstake,
    withdraw,
    claimPermit,
    claim,
    commitUpdate,
    revealUpdate,
    attest,
    commitWeights,
    revealWeights,
    history,
    prepare,
    settleEpoch,
    wallet,
  };
}
