import { overlap } from "../codec/overlap.ts";
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
  const shares = ordered.map((later, index) =>
    ordered.slice(0, index).map((before) => shareRepeated(later.tensors, before.tensors)),
  );
  const bound = boundWithinRound(shares, threshold);
  const past = [...earlier].sort(onChain);
  const findings: CopyFinding[] = [];
  const copies = new Set<CommittedUpdate>();
  for (const [index, update] of ordered.entries()) {
    const candidates = [
      ...past.map((original) => ({ original, overlap: shareRepeated(update.tensors, original.tensors) })),
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
 * Share of the later update's positions that the earlier one keeps with equal sign. Measured on the later one, so that
 * nobody can be made out a copy of a deliberately tiny update that names a few likely positions.
 */
function shareRepeated(later: readonly SparseTensor[], earlier: readonly SparseTensor[]): number {
  const kept = keptOf(later);
  return kept === 0 ? 0 : (overlap(later, earlier) * Math.min(kept, keptOf(earlier))) / kept;
}

function keptOf(tensors: readonly SparseTensor[]): number {
  return tensors.reduce((sum, { positions }) => sum + positions.length, 0);
}

function onChain(a: CommittedUpdate, b: CommittedUpdate): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber < b.blockNumber ? -1 : 1;
  return a.logIndex - b.logIndex;
}
