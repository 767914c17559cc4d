import {
  type Abi,
  createPublicClient,
  custom,
  decodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
  toHex,
} from "viem";
import { EventSource } from "../../workers/chain/eventSource.ts";
import {
  attestationLedgerAbi,
  checkpointLedgerAbi,
  epochEngineAbi,
  metagraphAbi,
  stakeManagerAbi,
  updateLedgerAbi,
  weightLedgerAbi,
} from "../../workers/chain/generated/abi.ts";
import type { RunContracts, SigningRun } from "../../workers/chain/run.ts";
import type { Call } from "../../workers/chain/sender.ts";
import { RunFollower } from "../../workers/node/follower.ts";
import type { Checkpoint } from "../../workers/protocol/checkpoint.ts";
import type { RoundClock } from "../../workers/protocol/clock.ts";
import { roundStart } from "../../workers/protocol/clock.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { type Log, silentLog } from "../../workers/runtime/log.ts";
import { encodeLog } from "./encodeLog.ts";

interface Block {
  readonly number: bigint;
  readonly timestamp: number;
  readonly hash: Hex;
  readonly logs: unknown[];
}

/** A neuron of a scripted run: id, uid and hotkey say the same number. */
export interface ScriptedNeuron {
  readonly neuronId: bigint;
  readonly uid: number;
  readonly hotkey: Hex;
}

const addressAt = (index: number): Hex => `0x${index.toString(16).padStart(40, "c")}`;
/** Where the contracts of a run stand that is made up. */
export const scriptedAddresses = {
  registry: addressAt(1),
  token: addressAt(2),
  stakeManager: addressAt(3),
  metagraph: addressAt(4),
  updateLedger: addressAt(5),
  attestationLedger: addressAt(6),
  weightLedger: addressAt(7),
  epochEngine: addressAt(8),
  emission: addressAt(9),
  vault: addressAt(10),
  slashing: addressAt(11),
  challenge: addressAt(12),
  checkpointLedger: addressAt(13),
  directory: addressAt(14),
};
const ledgers: ReadonlyMap<string, Abi> = new Map<string, Abi>([
  [scriptedAddresses.updateLedger, updateLedgerAbi],
  [scriptedAddresses.attestationLedger, attestationLedgerAbi],
  [scriptedAddresses.weightLedger, weightLedgerAbi],
  [scriptedAddresses.epochEngine, epochEngineAbi],
  [scriptedAddresses.checkpointLedger, checkpointLedgerAbi],
]);
const nobody = 2n ** 256n - 1n;
export const scriptedClock: RoundClock = {
  genesis: 10_000,
  period: 100,
  commitSeconds: 60,
  revealSeconds: 80,
  tempo: 3,
};

/**
 * A chain that a test writes block by block: events in any order a contract could give, and calls of workers that the
 * test answers. It serves blocks and logs, nothing else.
 */
export class ScriptedChain {
  readonly contracts: RunContracts;
  /** What senders were given, with the arguments of each call. */
  readonly sent: { readonly action: string; readonly args: readonly unknown[] }[] = [];
  /** Answers a call before it is recorded; throws to refuse it. */
  answer: (call: {
    readonly action: string;
    readonly args: readonly unknown[];
    readonly hotkey: Hex;
  }) => void = () => undefined;
  /** What `view` functions without parameters give, by selector. */
  readonly views = new Map<string, Hex>();
  /** How many of the next requests find no chain. */
  silentFor = 0;
  readonly #blocks: Block[] = [];
  #fork = 0;

  constructor(manifest: { hash: Hex; digest: Hex; size: number }, clock = scriptedClock) {
    const transport = custom({ request: (request) => this.#serve(request) }, { retryCount: 0 });
    this.contracts = {
      chainId: 31337,
      addresses: scriptedAddresses,
      clock,
      manifest,
      deployBlock: 0n,
      publicClient: createPublicClient({ transport, cacheTime: 0 }),
      transport,
    };
    this.mine(clock.genesis - 1000);
  }

  get time(): number {
    return this.#blocks.at(-1)?.timestamp ?? 0;
  }

  /** A block at `timestamp`. */
  mine(timestamp: number): this {
    const number = BigInt(this.#blocks.length);
    this.#blocks.push({ number, timestamp, hash: hashOf(number, this.#fork), logs: [] });
    return this;
  }

  /** Takes the last blocks away; those mined next have other hashes. */
  reorganise(blocks: number): this {
    this.#blocks.splice(-blocks);
    this.#fork += 1;
    return this;
  }

  /** A block that many seconds after the start of a round. */
  goTo(round: number, offset: number): this {
    return this.mine(roundStart(this.contracts.clock, round) + offset);
  }

  /** Registers neurons 1 … n as uids 0 … n − 1, before genesis. */
  register(count: number): ScriptedNeuron[] {
    return Array.from({ length: count }, (_, uid) => this.registerAs(BigInt(uid + 1), uid));
  }

  registerAs(
    neuronId: bigint,
    uid: number,
    replacedNeuronId = 0n,
    hotkey: Hex = `0x${neuronId.toString(16).padStart(40, "a")}`,
  ): ScriptedNeuron {
    const args = {
      neuronId,
      uid: BigInt(uid),
      hotkey,
      coldkey: hotkey,
      replacedNeuronId,
      epoch: 0,
      burned: 1n,
    };
    this.#emit(scriptedAddresses.metagraph, metagraphAbi, "Registered", args);
    return { neuronId, uid, hotkey };
  }

  /** Stakes on neurons and permits them from epoch 0 on. */
  permit(neurons: readonly ScriptedNeuron[], assets = 10n ** 18n): this {
    for (const { neuronId } of neurons)
      this.#emit(scriptedAddresses.stakeManager, stakeManagerAbi, "PoolChanged", {
        neuronId,
        epoch: 0,
        assets,
      });
    let word = 0n;
    for (const { neuronId, uid } of neurons) {
      word |= 1n << BigInt(uid);
      const args = { uid: BigInt(uid), neuronId, fromEpoch: 0, word, evictedUid: nobody };
      this.#emit(scriptedAddresses.metagraph, metagraphAbi, "PermitClaimed", args);
    }
    return this;
  }

  commit(round: number, { hotkey }: ScriptedNeuron, content: { digest: Hex; size: number }): this {
    const { digest, size } = content;
    const args = { round: BigInt(round), hotkey, digest, size: BigInt(size) };
    return this.#emit(scriptedAddresses.updateLedger, updateLedgerAbi, "UpdateCommitted", args);
  }

  reveal(
    round: number,
    { neuronId, uid }: ScriptedNeuron,
    content: { digest: Hex; size: number; dataRoot: Hex; salt: Hex },
  ): this {
    const { digest, size, dataRoot, salt } = content;
    const named = { digest, size: BigInt(size), dataRoot, salt };
    const args = { round: BigInt(round), neuronId, uid: BigInt(uid), ...named };
    return this.#emit(scriptedAddresses.updateLedger, updateLedgerAbi, "UpdateRevealed", args);
  }

  attest(round: number, { neuronId, uid }: ScriptedNeuron, bitmap: bigint): this {
    const args = { round: BigInt(round), neuronId, uid: BigInt(uid), bitmap };
    return this.#emit(scriptedAddresses.attestationLedger, attestationLedgerAbi, "Attested", args);
  }

  /** Commits to weights with an evaluation log; to nothing that is there when none is given. */
  commitWeights(
    epoch: number,
    { hotkey }: ScriptedNeuron,
    commitment: Hex,
    log: { readonly digest: Hex; readonly size: number } = { digest: commitment, size: 1 },
  ): this {
    const named = { logDigest: log.digest, logSize: BigInt(log.size) };
    const args = { epoch: BigInt(epoch), hotkey, commitment, ...named };
    return this.#emit(scriptedAddresses.weightLedger, weightLedgerAbi, "WeightsCommitted", args);
  }

  revealWeights(epoch: number, { neuronId, uid }: ScriptedNeuron, row: Hex): this {
    const args = { epoch: BigInt(epoch), neuronId, uid: BigInt(uid), row };
    return this.#emit(scriptedAddresses.weightLedger, weightLedgerAbi, "WeightsRevealed", args);
  }

  settle(epoch: number, validatorNeuronIds: readonly bigint[]): this {
    const round = BigInt((epoch + 1) * this.contracts.clock.tempo + 2);
    const empty = { incentivesQ32: "0x", dividendsQ32: "0x", consensusQ32: "0x", bonds: "0x" };
    const args = { epoch: BigInt(epoch), round, validatorNeuronIds, ...empty };
    return this.#emit(scriptedAddresses.epochEngine, epochEngineAbi, "EpochSettled", args);
  }

  attestCheckpoint(checkpoint: Checkpoint): this {
    const { round, contentSize, ...hashes } = checkpoint;
    const counted = { signers: 1n, signedStake: 1n, permittedStake: 1n };
    const args = { ...hashes, round: BigInt(round), contentSize: BigInt(contentSize), ...counted };
    return this.#emit(scriptedAddresses.checkpointLedger, checkpointLedgerAbi, "CheckpointAttested", args);
  }

  follower(clock: Clock, log: Log = silentLog): RunFollower {
    const events = new EventSource(this.contracts);
    return new RunFollower({ contracts: this.contracts, events, clock, log });
  }

  /** The run with a sender whose calls land in `sent`, or fail as `answer` decides. */
  signing({ hotkey }: ScriptedNeuron): SigningRun {
    const send = async ({ action, to, data }: Call) => {
      const { args = [] } = decodeFunctionData({ abi: ledgers.get(to) ?? [], data });
      // In a block of its own: whoever reads the chain may have read the last one already.
      this.mine(this.time);
      this.answer({ action, args, hotkey });
      this.sent.push({ action, args });
      const hash = keccak256(toHex(`${this.sent.length}`));
      return { hash, gasUsed: 1n, blockNumber: 1n, waitedSeconds: 0, logs: [] };
    };
    const refuse = () => Promise.reject(new Error("a scripted key signs nothing"));
    return {
      ...this.contracts,
      sender: { address: hotkey, signer: { address: hotkey, sign: refuse, signTypedData: refuse }, send },
    };
  }

  #emit(address: Hex, abi: Abi, eventName: string, args: Readonly<Record<string, unknown>>): this {
    const block = this.#blocks.at(-1);
    block?.logs.push({
      address,
      ...encodeLog(abi, eventName, args),
      blockNumber: numberToHex(block.number),
      blockHash: block.hash,
      logIndex: numberToHex(block.logs.length),
      transactionHash: block.hash,
      transactionIndex: "0x0",
      removed: false,
    });
    return this;
  }

  async #serve({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
    if (this.silentFor > 0) {
      this.silentFor -= 1;
      throw new Error("nobody there");
    }
    const [first] = Array.isArray(params) ? params : [];
    if (method === "eth_getBlockByNumber")
      return this.#header(first === "latest" ? this.#blocks.at(-1) : this.#blocks[Number(first)]);
    if (method === "eth_call") return this.views.get(first.data);
    if (method !== "eth_getLogs") throw new Error(`no answer to ${method}`);
    const { fromBlock, toBlock } = first;
    return this.#blocks.slice(Number(fromBlock), Number(toBlock) + 1).flatMap(({ logs }) => logs);
  }

  #header(block: Block | undefined): unknown {
    if (block === undefined) return null;
    return {
      number: numberToHex(block.number),
      timestamp: numberToHex(block.timestamp),
      hash: block.hash,
      parentHash: this.#blocks[Number(block.number) - 1]?.hash ?? hashOf(-1n, 0),
      mixHash: block.hash,
      transactions: [],
    };
  }
}

function hashOf(number: bigint, fork: number): Hex {
  return keccak256(toHex(`block ${number}${fork === 0 ? "" : ` of fork ${fork}`}`));
}
