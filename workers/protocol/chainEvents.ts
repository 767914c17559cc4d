import type { Hex } from "viem";
import type { Checkpoint } from "./checkpoint.ts";
import type { BlockTime, Epoch, NeuronId, Round, Uid } from "./quantities.ts";

/** Where on the chain an event stands. Order on the chain is (blockNumber, logIndex). */
export interface ChainPosition {
  readonly blockNumber: bigint;
  readonly logIndex: number;
  /** Timestamp of the block, Unix seconds. */
  readonly time: BlockTime;
}

/** A neuron took a slot. `replacedNeuronId` is 0 where the slot was free; `burned` is in wei. */
export interface RegisteredEvent extends ChainPosition {
  readonly type: "Registered";
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly hotkey: Hex;
  readonly coldkey: Hex;
  readonly replacedNeuronId: NeuronId;
  readonly epoch: Epoch;
  readonly burned: bigint;
}

/** Another hotkey serves the neuron on `uid`. */
export interface HotkeyRotatedEvent extends ChainPosition {
  readonly type: "HotkeyRotated";
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly from: Hex;
  readonly to: Hex;
}

/** The neuron changed its owner. */
export interface ColdkeyTransferredEvent extends ChainPosition {
  readonly type: "ColdkeyTransferred";
  readonly neuronId: NeuronId;
  readonly from: Hex;
  readonly to: Hex;
}

/** The right to validate from `fromEpoch` on; `word` holds all permitted uids, `evictedUid` is 2^256 − 1 for nobody. */
export interface PermitClaimedEvent extends ChainPosition {
  readonly type: "PermitClaimed";
  readonly uid: Uid;
  readonly neuronId: NeuronId;
  readonly fromEpoch: Epoch;
  readonly word: bigint;
  readonly evictedUid: bigint;
}

/** Assets (wei) of a pool after a change of them; rewards change it too and come as `CreditedEvent`. */
export interface PoolChangedEvent extends ChainPosition {
  readonly type: "PoolChanged";
  readonly neuronId: NeuronId;
  readonly epoch: Epoch;
  readonly assets: bigint;
}

/** `size` in bytes of the encrypted content, `digest` of its root CID. */
export interface UpdateCommittedEvent extends ChainPosition {
  readonly type: "UpdateCommitted";
  readonly round: Round;
  readonly hotkey: Hex;
  readonly digest: Hex;
  readonly size: number;
}

export interface UpdateRevealedEvent extends ChainPosition {
  readonly type: "UpdateRevealed";
  readonly round: Round;
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly digest: Hex;
  readonly size: number;
  readonly dataRoot: Hex;
  readonly salt: Hex;
}

/** Bit j of `bitmap`: the validator holds the full and valid update of uid j. */
export interface AttestedEvent extends ChainPosition {
  readonly type: "Attested";
  readonly round: Round;
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly bitmap: bigint;
}

/** `logDigest` and `logSize` (bytes) name the evaluation log. */
export interface WeightsCommittedEvent extends ChainPosition {
  readonly type: "WeightsCommitted";
  readonly epoch: Epoch;
  readonly hotkey: Hex;
  readonly commitment: Hex;
  readonly logDigest: Hex;
  readonly logSize: number;
}

/** `row` is packed big-endian u16 by uid, a missing tail is 0. */
export interface WeightsRevealedEvent extends ChainPosition {
  readonly type: "WeightsRevealed";
  readonly epoch: Epoch;
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly row: Hex;
}

/**
 * `incentives` and `consensus` hold one big-endian u64 (Q32) per uid, `dividends` one per validator in the order of
 * `validatorNeuronIds`, `bonds` big-endian u16 row-major [validators × uids].
 */
export interface EpochSettledEvent extends ChainPosition {
  readonly type: "EpochSettled";
  readonly epoch: Epoch;
  readonly round: Round;
  readonly validatorNeuronIds: readonly NeuronId[];
  readonly incentivesQ32: Hex;
  readonly dividendsQ32: Hex;
  readonly consensusQ32: Hex;
  readonly bonds: Hex;
}

/** Wei credited by a settlement; `take` is the part of `dividend` that does not go to the neuron's pool. */
export interface CreditedEvent extends ChainPosition {
  readonly type: "Credited";
  readonly epoch: Epoch;
  readonly miners: readonly { readonly neuronId: NeuronId; readonly incentive: bigint }[];
  readonly validators: readonly {
    readonly neuronId: NeuronId;
    readonly dividend: bigint;
    readonly take: bigint;
  }[];
}

/** The state at the start of `round` that more than two thirds of the permitted stake signed. */
export interface CheckpointAttestedEvent extends ChainPosition, Checkpoint {
  readonly type: "CheckpointAttested";
}

/** Wei minted by a settlement; `caller` settled. */
export interface MintedEvent extends ChainPosition {
  readonly type: "Minted";
  readonly epoch: Epoch;
  readonly total: bigint;
  readonly treasury: bigint;
  readonly bounty: bigint;
  readonly caller: Hex;
}

/** Wei paid out to a neuron's coldkey. */
export interface ClaimedEvent extends ChainPosition {
  readonly type: "Claimed";
  readonly neuronId: NeuronId;
  readonly to: Hex;
  readonly amount: bigint;
}

/** What a neuron's owner says of it, in its own words: nothing follows from them. */
export interface IdentitySetEvent extends ChainPosition {
  readonly type: "IdentitySet";
  readonly neuronId: NeuronId;
  readonly name: string;
  readonly url: string;
}

/** Somebody asks for a slice of 1 KiB of a revealed update, to be shown before `deadline`; `bond` in wei. */
export interface ChallengeOpenedEvent extends ChainPosition {
  readonly type: "ChallengeOpened";
  readonly neuronId: NeuronId;
  readonly round: Round;
  readonly challenger: Hex;
  readonly index: number;
  readonly deadline: BlockTime;
  readonly bond: bigint;
}

/** The slice was shown; `to` owns the neuron and got the bond, in wei. */
export interface ChallengeAnsweredEvent extends ChainPosition {
  readonly type: "ChallengeAnswered";
  readonly neuronId: NeuronId;
  readonly round: Round;
  readonly to: Hex;
  readonly bond: bigint;
}

/** Nobody showed the slice: the neuron was slashed, and the challenger has its bond back, in wei. */
export interface ChallengeExpiredEvent extends ChainPosition {
  readonly type: "ChallengeExpired";
  readonly neuronId: NeuronId;
  readonly round: Round;
  readonly challenger: Hex;
  readonly bond: bigint;
}

/** Every event a participant follows, named as in the contracts. */
export type ChainEvent =
  | RegisteredEvent
  | HotkeyRotatedEvent
  | ColdkeyTransferredEvent
  | PermitClaimedEvent
  | PoolChangedEvent
  | UpdateCommittedEvent
  | UpdateRevealedEvent
  | AttestedEvent
  | WeightsCommittedEvent
  | WeightsRevealedEvent
  | EpochSettledEvent
  | CreditedEvent
  | MintedEvent
  | ClaimedEvent
  | CheckpointAttestedEvent
  | IdentitySetEvent
  | ChallengeOpenedEvent
  | ChallengeAnsweredEvent
  | ChallengeExpiredEvent;

/** Negative where `a` stands before `b` on the chain, 0 at the same place. */
export function comparePositions(a: ChainPosition, b: ChainPosition): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber < b.blockNumber ? -1 : 1;
  return a.logIndex - b.logIndex;
}
