import type { Hex } from "viem";
import type { Epoch, Round } from "../protocol/quantities.ts";
import { type AuditFinding, nextAuditStanding } from "./audit.ts";
import { nextComputation } from "./lossScore.ts";
import { type NeuronState, recentEvaluations } from "./neuronState.ts";
import { nextStanding, type PenaltyReason } from "./penalties.ts";
import type { Rating } from "./rating.ts";
import type { MeasuredLosses } from "./roundLosses.ts";

/** Worker state roots in an update's header, before and after its round. */
export interface StateRoots {
  readonly stateBefore: Hex;
  readonly stateAfter: Hex;
}

/** What one round showed about one neuron. */
export interface RoundFinding {
  readonly round: Round;
  readonly epoch: Epoch;
  /** After the round's match; the old one where it did not play. */
  readonly rating: Rating;
  /** Undefined where the update was not evaluated. */
  readonly losses: MeasuredLosses | undefined;
  readonly reasons: readonly PenaltyReason[];
  readonly eligible: boolean;
  /** The commit was opened, whatever was in it. */
  readonly revealed: boolean;
  /** Undefined where the update could not be decoded. */
  readonly header: StateRoots | undefined;
  /** Manifest `computationDecay`. */
  readonly decay: number;
  /** Undefined where no audit was due. */
  readonly audit: AuditFinding | undefined;
  /** Manifest `audit.decay`. */
  readonly auditDecay: number;
}

/** Reasons that count as an evaluation that went against the miner. */
const against: readonly PenaltyReason[] = ["copy", "invalid", "negative"];

/**
 * Whether a header's state follows from the last revealed update: the same root, or the zero state as a reset, once an
 * epoch. Where the last root is unknown (nothing revealed, undecodable, or from before this validator's time) any does.
 */
export function followsFrom(state: NeuronState, header: StateRoots, epoch: Epoch, zeroRoot: Hex): boolean {
  if (state.stateAfter === null || header.stateBefore === state.stateAfter) return true;
  return header.stateBefore === zeroRoot && state.resetEpoch !== epoch;
}

/** State after a round. */
export function nextNeuronState(state: NeuronState, found: RoundFinding): NeuronState {
  const { losses, reasons, header } = found;
  const bad = reasons.some((reason) => against.includes(reason));
  const evaluated = losses !== undefined || bad;
  const continued = state.stateAfter === null || header?.stateBefore === state.stateAfter;
  const reset = header !== undefined && !continued && !reasons.includes("brokenState");
  const missed = state.missedInRow + Number(reasons.includes("missing"));
  return {
    neuronId: state.neuronId,
    rating: found.rating,
    computation:
      losses === undefined
        ? state.computation
        : nextComputation(state.computation, losses.own, losses.random, found.decay),
    standing: nextStanding(state.standing, reasons, evaluated),
    recent: evaluated ? [...state.recent, !bad].slice(-recentEvaluations) : state.recent,
    auditStanding: nextAuditStanding(
      state.auditStanding,
      found.audit,
      evaluated && reasons.length === 0,
      found.auditDecay,
    ),
    evaluations: state.evaluations + Number(evaluated),
    missedInRow: found.eligible ? 0 : missed,
    lastEvaluated: evaluated ? found.round : state.lastEvaluated,
    stateAfter: found.revealed ? (header?.stateAfter ?? null) : state.stateAfter,
    resetEpoch: reset ? found.epoch : state.resetEpoch,
  };
}
