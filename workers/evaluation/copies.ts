import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";

/** A decoded update and where its commit stands on the chain. */
export interface CommittedUpdate {
  readonly round: Round;
  readonly neuronId: NeuronId;
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly tensors: readonly SparseTensor[];
}

/** What a copy repeats; `overlap` is the share of the copy's positions that the original has with equal sign. */
export interface CopyFinding {
  readonly neuronId: NeuronId;
  readonly originalRound: Round;
  readonly originalNeuronId: NeuronId;
  readonly overlap: number;
}

/** How far above what is usual in the round two updates of it must be, and where that bound ends. */
const aboveUsual = 1.5;
const highestBound = 0.8;

/**
 * Copies among the updates of one round (DESIGN §10.2). Each update, in the order of the commits on chain, is compared
 * with every earlier round's and with those of its round that were committed before it; from the threshold on it is the
 * copy. A copy is nobody's original: who was copied cannot be accused of copying the copy. A miner's own earlier updates
 * count too: error feedback takes out what was sent, so honest consecutive updates share 0 to 2 % of their positions, and
 * an old one sold again all. Within a round see `boundWithinRound`.
 *
 * @param current updates of the round
 * @param earlier updates of the rounds before it that are still compared, copies left out
 * @param threshold share in (0, 1] (manifest `overlapThreshold`)
 * @returns at most one finding per update, with the largest overlap
 */
export function findCopies(
  current: readonly CommittedUpdate[],
  earlier: readonly CommittedUpdate[],
  threshold: number,
): CopyFinding[] {
  const ordered = [...current].sort(onChain);
  const past = [...earlier].sort(onChain);
  const marks = marksFor([...ordered, ...past]);
  const repeated = ordered.map((later, index) =>
    sharesRepeated(later.tensors, [...ordered.slice(0, index), ...past], marks),
  );
  const shares = repeated.map((all, index) => all.slice(0, index));
  const bound = boundWithinRound(shares, threshold);
  const findings: CopyFinding[] = [];
  const copies = new Set<CommittedUpdate>();
  for (const [index, update] of ordered.entries()) {
    const candidates = [
      ...past.map((original, before) => ({ original, overlap: repeated[index][index + before] })),
      ...shares[index].map((overlap, before) => ({ original: ordered[before], overlap })),
    ];
    const finding = candidates
      .filter(({ original }) => !copies.has(original))
      .filter(({ original, overlap }) => overlap >= (original.round === update.round ? bound : threshold))
      .reduce<(typeof candidates)[number] | undefined>(
        (most, candidate) => (most === undefined || candidate.overlap > most.overlap ? candidate : most),
        undefined,
      );
    if (finding === undefined) continue;
    copies.add(update);
    findings.push({
      neuronId: update.neuronId,
      originalRound: finding.original.round,
      originalNeuronId: finding.original.neuronId,
      overlap: finding.overlap,
    });
  }
  return findings;
}

/**
 * Overlap from which two updates of one round are too alike: the threshold, or 1.5 times what is usual in the round where
 * all are more alike than that, up to 0.8. Right after θ_0 every miner descends the same steep slope; honest first
 * updates were measured to share up to 40 %. Usual is the lower median over updates of each one's lower median overlap
 * with the others: neither a few that resemble nobody nor a few that resemble each other move it.
 *
 * @param shares by update in the order of the commits: overlaps with each of those before it
 */
function boundWithinRound(shares: readonly (readonly number[])[], threshold: number): number {
  const each = shares.map((withEarlier, index) =>
    lowerMedian([...withEarlier, ...shares.slice(index + 1).map((withLater) => withLater[index])]),
  );
  return Math.max(threshold, Math.min(highestBound, aboveUsual * lowerMedian(each)));
}

/** 0 of nothing. */
function lowerMedian(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.floor((ascending.length - 1) / 2)] ?? 0;
}

/**
 * By earlier update the share of the later one's positions that it keeps with equal sign. Measured on the later one, so
 * that nobody can be made out a copy of a deliberately tiny update that names a few likely positions. The later one's signs
 * are laid out densely, a tensor at a time, so that each comparison costs the earlier one's non-zeros alone.
 *
 * @param marks result of `marksFor`, all 0; left so
 */
function sharesRepeated(
  later: readonly SparseTensor[],
  earlier: readonly CommittedUpdate[],
  marks: Int8Array,
): number[] {
  const shared = new Array<number>(earlier.length).fill(0);
  for (const [tensor, { positions, values }] of later.entries()) {
    for (let k = 0; k < positions.length; k++) marks[positions[k]] = values[k] > 0 ? 1 : -1;
    for (const [index, { tensors }] of earlier.entries()) shared[index] += agreeing(tensors[tensor], marks);
    for (let k = 0; k < positions.length; k++) marks[positions[k]] = 0;
  }
  const kept = keptOf(later);
  return shared.map((count) => (kept === 0 ? 0 : count / kept));
}

/** How many values have the sign that is marked at their position. */
function agreeing({ positions, values }: SparseTensor, marks: Int8Array): number {
  let count = 0;
  for (let k = 0; k < positions.length; k++) {
    const mark = marks[positions[k]];
    if (mark !== 0 && mark > 0 === values[k] > 0) count += 1;
  }
  return count;
}

/** Room for a sign at every position that any of the updates has in a tensor. */
function marksFor(updates: readonly CommittedUpdate[]): Int8Array {
  let size = 0;
  for (const { tensors } of updates)
    for (const { positions } of tensors) size = Math.max(size, (positions.at(-1) ?? -1) + 1);
  return new Int8Array(size);
}

function keptOf(tensors: readonly SparseTensor[]): number {
  return tensors.reduce((sum, { positions }) => sum + positions.length, 0);
}

function onChain(a: CommittedUpdate, b: CommittedUpdate): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber < b.blockNumber ? -1 : 1;
  return a.logIndex - b.logIndex;
}
