import type { Hex } from "viem";
import { xorSalts } from "./beacon.ts";
import {
  type AttestedEvent,
  type ChainPosition,
  comparePositions,
  type UpdateCommittedEvent,
  type UpdateRevealedEvent,
} from "./chainEvents.ts";
import { FatalError } from "./errors.ts";
import type { MetagraphHistory } from "./metagraphHistory.ts";
import type { BlockTime, Epoch, NeuronId, Round, Uid } from "./quantities.ts";

/** An update as committed; its neuron is the one its hotkey served then. */
export interface CommittedUpdate {
  readonly round: Round;
  readonly hotkey: Hex;
  readonly neuronId: NeuronId | undefined;
  readonly digest: Hex;
  readonly size: number;
  readonly committedAt: ChainPosition;
}

/** A committed update whose salt is public. */
export interface RevealedUpdate extends CommittedUpdate {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly dataRoot: Hex;
  readonly salt: Hex;
  readonly revealedAt: ChainPosition;
}

/** A validator's first attestation of a round. */
export interface Attestation {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly bitmap: bigint;
  readonly attestedAt: BlockTime;
}

/** Permitted stake of a round's epoch, wei: of those who attested to an update, and all of it. */
export interface AttestedStake {
  readonly attested: bigint;
  readonly permitted: bigint;
}

interface Voter {
  readonly stake: bigint;
  /** The bitmap, 32 uids each. */
  readonly words: readonly number[];
}

interface RoundRecord {
  readonly commits: Map<string, CommittedUpdate>;
  readonly reveals: Map<NeuronId, RevealedUpdate>;
  readonly attestations: Map<NeuronId, Attestation>;
}

/** What was committed, revealed and attested in each round. */
export class RoundHistory {
  readonly #metagraph: MetagraphHistory;
  readonly #rounds = new Map<Round, RoundRecord>();
  readonly #byNeuron = new Map<NeuronId, RevealedUpdate[]>();

  constructor(metagraph: MetagraphHistory) {
    this.#metagraph = metagraph;
  }

  applyCommitted(event: UpdateCommittedEvent): void {
    const { round, hotkey, digest, size } = event;
    const neuronId = this.#metagraph.neuronOfHotkey(hotkey);
    const commit = { round, hotkey, neuronId, digest, size, committedAt: positionOf(event) };
    this.#record(round).commits.set(hotkey.toLowerCase(), commit);
  }

  /** @throws FatalError `HISTORY_GAP` where the commitment it opens was not applied before. */
  applyRevealed(event: UpdateRevealedEvent): void {
    const { round, neuronId, uid, dataRoot, salt } = event;
    const hotkey = this.#metagraph.neuron(neuronId)?.hotkey;
    const commit = hotkey && this.#record(round).commits.get(hotkey.toLowerCase());
    if (!commit) {
      const data = { round, neuronId };
      throw new FatalError("HISTORY_GAP", "A reveal without its registration and commitment.", { data });
    }
    const revealed = { ...commit, neuronId, uid, dataRoot, salt, revealedAt: positionOf(event) };
    this.#record(round).reveals.set(neuronId, revealed);
    const earlier = this.#byNeuron.get(neuronId);
    if (earlier === undefined) this.#byNeuron.set(neuronId, [revealed]);
    else earlier.push(revealed);
  }

  applyAttested({ round, neuronId, uid, bitmap, time }: AttestedEvent): void {
    const { attestations } = this.#record(round);
    if (!attestations.has(neuronId)) attestations.set(neuronId, { neuronId, uid, bitmap, attestedAt: time });
  }

  /** Commitments of a round in the order of the chain. */
  commits(round: Round): CommittedUpdate[] {
    return [...(this.#rounds.get(round)?.commits.values() ?? [])];
  }

  /** Revealed updates of a round in the order of their commitments: of two alike, the later is the copy (DESIGN §10). */
  reveals(round: Round): RevealedUpdate[] {
    const reveals = [...(this.#rounds.get(round)?.reveals.values() ?? [])];
    return reveals.sort((a, b) => comparePositions(a.committedAt, b.committedAt));
  }

  /** The revealed update of one neuron. */
  reveal(round: Round, neuronId: NeuronId): RevealedUpdate | undefined {
    return this.#rounds.get(round)?.reveals.get(neuronId);
  }

  /** Latest update a neuron revealed before a round: what its `stateBefore` continues (DESIGN §10). */
  lastRevealBefore(round: Round, neuronId: NeuronId): RevealedUpdate | undefined {
    return this.#byNeuron.get(neuronId)?.findLast((update) => update.round < round);
  }

  /** Commitments of a round that were not opened, so far or, once its reveal phase is over, at all. */
  unrevealed(round: Round): CommittedUpdate[] {
    const opened = new Set(this.reveals(round).map(({ hotkey }) => hotkey));
    return this.commits(round).filter(({ hotkey }) => !opened.has(hotkey));
  }

  /** First attestation of every validator. */
  attestations(round: Round): Attestation[] {
    return [...(this.#rounds.get(round)?.attestations.values() ?? [])];
  }

  /** XOR of all salts revealed in a round, zero for none. */
  saltXor(round: Round): Hex {
    return xorSalts(this.reveals(round).map(({ salt }) => salt));
  }

  /**
   * Updates of a round that count, ascending by uid: revealed by who held the uid before the round's start, and
   * attested by more than half of all stake permitted in `epoch`, the round's (DESIGN §3). Silence is a no.
   */
  eligible(round: Round, epoch: Epoch): RevealedUpdate[] {
    const voters = this.#voters(round, epoch);
    const holdsUid = ({ uid, neuronId }: RevealedUpdate) =>
      this.#metagraph.occupant(uid, round)?.neuronId === neuronId;
    const attested = ({ uid }: RevealedUpdate) => {
      const stake = stakeFor(voters, uid);
      return 2n * stake.attested > stake.permitted;
    };
    return this.reveals(round)
      .filter((update) => holdsUid(update) && attested(update))
      .sort((a, b) => a.uid - b.uid);
  }

  /** Stake that attested to a uid's update, of all permitted in `epoch`, the round's. */
  attestedStake(round: Round, epoch: Epoch, uid: Uid): AttestedStake {
    return stakeFor(this.#voters(round, epoch), uid);
  }

  #voters(round: Round, epoch: Epoch): Voter[] {
    const attestations = this.#rounds.get(round)?.attestations;
    return this.#metagraph.permits(epoch).flatMap((uid) => {
      const neuron = this.#metagraph.occupant(uid, round);
      if (neuron === undefined) return [];
      const words = wordsOf(attestations?.get(neuron.neuronId)?.bitmap ?? 0n);
      return [{ stake: this.#metagraph.stakeAt(neuron.neuronId, epoch), words }];
    });
  }

  #record(round: Round): RoundRecord {
    const known = this.#rounds.get(round);
    if (known !== undefined) return known;
    const record: RoundRecord = { commits: new Map(), reveals: new Map(), attestations: new Map() };
    this.#rounds.set(round, record);
    return record;
  }
}

function stakeFor(voters: readonly Voter[], uid: Uid): AttestedStake {
  const sum = (some: readonly Voter[]) => some.reduce((total, { stake }) => total + stake, 0n);
  const yes = voters.filter(({ words }) => (((words[uid >>> 5] ?? 0) >>> (uid & 31)) & 1) === 1);
  return { attested: sum(yes), permitted: sum(voters) };
}

function wordsOf(bitmap: bigint): number[] {
  const words: number[] = [];
  for (let rest = bitmap; rest > 0n; rest >>= 32n) words.push(Number(BigInt.asUintN(32, rest)));
  return words;
}

function positionOf({ blockNumber, logIndex, time }: ChainPosition): ChainPosition {
  return { blockNumber, logIndex, time };
}
