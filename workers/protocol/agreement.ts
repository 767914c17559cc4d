import type { NeuronId } from "./quantities.ts";
import type { RunHistory } from "./runHistory.ts";
import type { Settlement } from "./settlementHistory.ts";
import { unpackRow } from "./weights.ts";
import { divQ32 } from "./yuma.ts";

/**
 * Share of a validator's row that consensus left standing, Q32: Σ min(w, C) / Σ w over the entries that count. 1 where
 * it gave nobody more than the majority did. Undefined where it revealed no row for the epoch, or an empty one.
 */
export function agreementOf(
  history: RunHistory,
  settlement: Settlement,
  validator: NeuronId,
): bigint | undefined {
  const { epoch, neuronIds, consensus } = settlement;
  const row = history.weightRows(epoch).find(({ neuronId }) => neuronId === validator)?.row;
  if (row === undefined) return undefined;
  const counts = (uid: number) =>
    neuronIds[uid] !== validator &&
    (history.metagraph.neuron(neuronIds[uid])?.registeredEpoch ?? Number.POSITIVE_INFINITY) <= epoch;
  const weights = unpackRow(row, neuronIds.length).map((weight, uid) => (counts(uid) ? BigInt(weight) : 0n));
  const total = sum(weights);
  if (total === 0n) return undefined;
  const ofRow = weights.map((weight) => divQ32(weight, total));
  const counted = ofRow.map((weight, uid) => (weight > consensus[uid] ? consensus[uid] : weight));
  return divQ32(sum(counted), sum(ofRow));
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
