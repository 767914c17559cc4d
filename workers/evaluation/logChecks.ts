import type { RunManifest } from "../protocol/manifest.ts";
import type { NeuronId, Uid } from "../protocol/quantities.ts";
import { packRow } from "../protocol/weights.ts";
import type { AuditFinding } from "./audit.ts";
import type { NeuronEntry, RoundEntry } from "./evaluationLog.ts";
import type { NeuronState } from "./neuronState.ts";
import type { MeasuredLosses } from "./roundLosses.ts";
import { scoresByUid } from "./scores.ts";
import { weightsFor } from "./weightsFor.ts";

/** States after a round, by its entry. */
export function statesAfter({ neurons }: RoundEntry): Map<NeuronId, NeuronState> {
  return new Map(neurons.map(({ neuronId, after }) => [neuronId, { neuronId, ...after }]));
}

/** States before a round, by its entry. */
export function statesBeforeIn({ neurons }: RoundEntry): Map<NeuronId, NeuronState> {
  return new Map(neurons.map(({ neuronId, before }) => [neuronId, { neuronId, ...before }]));
}

/** Losses in an entry, of all that were evaluated but `except`. */
export function lossesIn(
  { neurons }: RoundEntry,
  except: ReadonlySet<NeuronId>,
): Map<NeuronId, MeasuredLosses> {
  const found = new Map<NeuronId, MeasuredLosses>();
  for (const { neuronId, losses } of neurons)
    if (losses !== null && !except.has(neuronId)) found.set(neuronId, losses);
  return found;
}

/** Audits in an entry, by neuron. */
export function auditsIn({ neurons }: RoundEntry): Map<NeuronId, AuditFinding> {
  return new Map(
    neurons.flatMap(({ neuronId, audit }) => (audit === null ? [] : [[neuronId, audit] as const])),
  );
}

export function entryOf({ neurons }: RoundEntry, neuronId: NeuronId): NeuronEntry | undefined {
  return neurons.find((neuron) => neuron.neuronId === neuronId);
}

/**
 * The packed row that follows from the states after an epoch's last evaluated round.
 * @param neurons who holds which uid at the start of the next epoch
 * @param columns uids there are
 */
export function rowFrom(
  states: ReadonlyMap<NeuronId, NeuronState>,
  neurons: ReadonlyMap<NeuronId, Uid>,
  columns: number,
  { scoring, outer }: Pick<RunManifest, "scoring" | "outer">,
): { readonly row: `0x${string}`; readonly scores: readonly number[]; readonly weights: readonly number[] } {
  const scores = scoresByUid(states, neurons, columns, scoring);
  const weights = weightsFor(scores, { gatherSize: outer.gatherSize, gatherShare: scoring.gatherShare });
  return { row: packRow(weights), scores, weights };
}

/** Whether two losses are the same but for what machines may differ by (manifest `lossTolerance`, relative). */
export function withinTolerance(
  logged: MeasuredLosses,
  recomputed: MeasuredLosses,
  tolerance: number,
): boolean {
  const pairs = (losses: MeasuredLosses) =>
    [losses.own, losses.random].flatMap(({ before, after }) => [before, after]);
  const other = pairs(recomputed);
  return pairs(logged).every(
    (loss, index) =>
      Math.abs(loss - other[index]) <= tolerance * Math.max(Math.abs(loss), Math.abs(other[index])),
  );
}
