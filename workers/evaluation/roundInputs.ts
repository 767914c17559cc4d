import type { Hex } from "viem";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { Epoch, NeuronId, Round, Uid } from "../protocol/quantities.ts";
import type { Tensors } from "../protocol/tensors.ts";
import type { AuditFinding } from "./audit.ts";
import type { CommittedUpdate } from "./copies.ts";
import type { RoundEntry } from "./evaluationLog.ts";
import type { NeuronState } from "./neuronState.ts";
import type { MeasuredLosses } from "./roundLosses.ts";

/**
 * What became of a commit: `unrevealed`; `invalid` when the revealed bytes are no update; `ineligible` when attestation
 * did not reach a majority; else `eligible`.
 */
export type RevealedStatus = "eligible" | "unrevealed" | "ineligible" | "invalid";

/** A decoded update: one sparse tensor per tensor of the state, and the worker state roots of its header. */
export interface DecodedUpdate {
  readonly tensors: readonly SparseTensor[];
  readonly stateBefore: Hex;
  readonly stateAfter: Hex;
}

/** One commit of the round. `update` must be there when eligible, and should be whenever it could be decoded. */
export interface RoundCommit {
  readonly uid: Uid;
  readonly neuronId: NeuronId;
  /** Position of the commit on the chain. */
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly status: RevealedStatus;
  readonly update?: DecodedUpdate;
}

/** A revealed update whose content nobody served. */
export interface UnreadUpdate {
  readonly round: Round;
  readonly neuronId: NeuronId;
}

export interface RoundInputs {
  readonly round: Round;
  readonly epoch: Epoch;
  /** θ_r, left as it is, and its state root. */
  readonly theta: Tensors;
  readonly parentRoot: Hex;
  /** Who held which uid at the start of the round. */
  readonly neurons: ReadonlyMap<NeuronId, Uid>;
  readonly commits: readonly RoundCommit[];
  /** Gather set of the round; its norms clip every update. Where empty, all eligible updates' norms do. */
  readonly gathered: readonly Uid[];
  /** From `chooseSample`. */
  readonly sampled: readonly Uid[];
  /** `originals` of the last `overlapRounds` rounds. */
  readonly earlier: readonly CommittedUpdate[];
  /** Revealed updates of these rounds and of this one whose content could not be had. */
  readonly unread: readonly UnreadUpdate[];
  /** After the last round that was evaluated. */
  readonly states: ReadonlyMap<NeuronId, NeuronState>;
  /** Worker state root of a miner that starts. */
  readonly zeroStateRoot: Hex;
  readonly randomSequences: readonly Int32Array[];
  readonly ownSequences: (neuronId: NeuronId, signal: AbortSignal) => Promise<readonly Int32Array[]>;
  /** Losses that are taken as given, by neuron; all others are computed. */
  readonly givenLosses?: ReadonlyMap<NeuronId, MeasuredLosses>;
  /** What audits of the round before came to, by neuron. */
  readonly audits?: ReadonlyMap<NeuronId, AuditFinding>;
}

export interface RoundOutcome {
  /** Of every neuron in `neurons` that ever committed. */
  readonly states: Map<NeuronId, NeuronState>;
  /** Updates of the round that copied nobody, to compare later ones with. */
  readonly originals: CommittedUpdate[];
  readonly entry: RoundEntry;
}
