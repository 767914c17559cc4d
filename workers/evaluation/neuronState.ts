import * as v from "valibot";
import type { Hex } from "viem";
import { FatalError } from "../protocol/errors.ts";
import { newRating, type RatingSettings } from "./rating.ts";

/** Evaluations kept in `recent`. */
export const recentEvaluations = 8;

const finite = v.pipe(v.number(), v.finite());
const unit = v.pipe(finite, v.minValue(0), v.maxValue(1));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const neuronIdSchema = v.pipe(
  v.string(),
  v.regex(/^[1-9][0-9]{0,77}$/, "not a neuronId"),
  v.transform((digits) => BigInt(digits)),
);
export const hashSchema = v.custom<Hex>(
  (input) => typeof input === "string" && /^0x[0-9a-f]{64}$/.test(input),
  "not a bytes32",
);
export const ratingSchema = v.strictObject({ mu: finite, sigma: v.pipe(finite, v.gtValue(0)) });

/** A state without whose it is. */
export const standingSchema = v.strictObject({
  rating: ratingSchema,
  /** Running mean in [−1, 1] of own-data evidence. */
  computation: v.pipe(finite, v.minValue(-1), v.maxValue(1)),
  /** Product of the penalties that have not decayed yet. */
  standing: unit,
  /** The last evaluations, oldest first; true: nothing against the update. Copies count as evaluated. */
  recent: v.pipe(v.array(v.boolean()), v.maxLength(recentEvaluations)),
  /** What failed audits have left, 0 right after one; recovers with clean evaluations. */
  auditStanding: unit,
  evaluations: count,
  /** Rounds in a row without an eligible update. */
  missedInRow: count,
  /** Round of the last evaluation; null before the first. */
  lastEvaluated: v.nullable(count),
  /** Worker state root after the last revealed update; null where unknown. */
  stateAfter: v.nullable(hashSchema),
  /** Epoch of the last reset of the worker state. */
  resetEpoch: v.nullable(count),
});
const stateSchema = v.strictObject({ neuronId: neuronIdSchema, ...standingSchema.entries });

/** What a validator remembers of a miner, as it stands in evaluation logs. */
export type NeuronStanding = Readonly<v.InferOutput<typeof standingSchema>>;

/** What a validator remembers of a miner. Belongs to the neuron: a uid that changes hands starts afresh. */
export type NeuronState = Readonly<v.InferOutput<typeof stateSchema>>;

/** State of a miner nobody has seen an update of. */
export function newNeuronState(neuronId: bigint, settings: RatingSettings): NeuronState {
  return {
    neuronId,
    rating: newRating(settings),
    computation: 0,
    standing: 1,
    recent: [],
    auditStanding: 1,
    evaluations: 0,
    missedInRow: 0,
    lastEvaluated: null,
    stateAfter: null,
    resetEpoch: null,
  };
}

/** A state without its `neuronId`. */
export function standingOf({ neuronId: _, ...standing }: NeuronState): NeuronStanding {
  return standing;
}

/** JSON text of a state, for the database. */
export function formatNeuronState(state: NeuronState): string {
  return JSON.stringify({ ...state, neuronId: state.neuronId.toString() });
}

/** @throws FatalError `EVALUATION_STATE_CORRUPT` when the text is not a state. */
export function parseNeuronState(text: string): NeuronState {
  try {
    return v.parse(stateSchema, JSON.parse(text));
  } catch (cause) {
    throw new FatalError("EVALUATION_STATE_CORRUPT", "A stored evaluation state is unreadable.", {
      cause,
      hint: "Restore the database or delete it; evaluation then starts afresh.",
    });
  }
}
