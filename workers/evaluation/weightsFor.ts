import { MAX_WEIGHT } from "../protocol/weights.ts";

/** Seats of the gather set (manifest `outer.gatherSize`) and the share of the weights they get together. */
export interface SeatSettings {
  readonly gatherSize: number;
  readonly gatherShare: number;
}

/**
 * Weights from scores (DESIGN §10.6). Uids with a score above 0 take seats by score. The gather seats' weights fall
 * linearly from 2 to 1 over all of them, filled or not; they share `gatherShare`. The seats behind them halve from one to
 * the next and share the rest, but none gets more than the last gather seat; what they do not use goes to the gather
 * seats. Equal scores share the mean of their seats, so no uid is favoured by its number.
 *
 * @param scores by uid, finite and ≥ 0
 * @returns u16 by uid, summing to 65,535 (largest remainder), or all 0 when every score is. Within the gather seats
 * the largest is never more than twice the smallest.
 */
export function weightsFor(scores: readonly number[], settings: SeatSettings): number[] {
  const ranked = scores
    .map((score, uid) => ({ score, uid }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.uid - b.uid);
  const seats = seatShares(ranked.length, settings);
  const weights = new Array<number>(scores.length).fill(0);
  const shares = ranked.map(({ score }) => {
    const first = ranked.findIndex((other) => other.score === score);
    const last = ranked.findLastIndex((other) => other.score === score);
    return sum(seats.slice(first, last + 1)) / (last + 1 - first);
  });
  const units = roundToUnits(shares);
  keepWithinTwofold(units, Math.min(settings.gatherSize, units.length));
  for (const [rank, { uid }] of ranked.entries()) weights[uid] = units[rank];
  return weights;
}

/** Shares by rank, summing to 1. */
function seatShares(filled: number, { gatherSize, gatherShare }: SeatSettings): number[] {
  const steps = Math.max(1, gatherSize - 1);
  const gather = Array.from({ length: Math.min(filled, gatherSize) }, (_, rank) => 2 - rank / steps);
  const next = new Array<number>(filled - gather.length).fill(1);
  for (let rank = 1; rank < next.length; rank++) next[rank] = next[rank - 1] / 2;
  const gatherSum = sum(gather);
  const nextSum = sum(next);
  // Weight of the first next seat in units of the gather seats' 2 … 1.
  const fair = (gatherSum * (1 - gatherShare)) / gatherShare / nextSum;
  const scale = Math.min(fair, gather.at(-1) ?? 0);
  const all = [...gather, ...next.map((share) => share * scale)];
  const total = sum(all);
  return all.map((share) => share / total);
}

/** Whole units that sum to 65,535, by largest remainder; equal remainders go to the later seat. */
function roundToUnits(shares: readonly number[]): number[] {
  if (shares.length === 0) return [];
  const exact = shares.map((share) => share * MAX_WEIGHT);
  const units = exact.map(Math.floor);
  const order = exact
    .map((_, seat) => seat)
    .sort((a, b) => exact[b] - units[b] - (exact[a] - units[a]) || b - a);
  const left = MAX_WEIGHT - sum(units);
  for (const seat of order.slice(0, left)) units[seat] += 1;
  return units;
}

/** Takes back what rounding put beyond 2 : 1 among the first `seats`, in place. */
function keepWithinTwofold(units: number[], seats: number): void {
  const gather = units.slice(0, seats);
  while (Math.max(...gather) > 2 * Math.min(...gather)) {
    gather[gather.indexOf(Math.max(...gather))] -= 1;
    gather[gather.lastIndexOf(Math.min(...gather))] += 1;
  }
  units.splice(0, seats, ...gather);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
