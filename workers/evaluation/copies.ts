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

/**
 * Copies among the updates of one round (DESIGN §10.2). Each update, in the order of the commits on chain, is compared
 * with every earlier round's and with those of its round that were committed before it; from the threshold on it is the
 * copy. A copy is nobody's original: who was copied cannot be accused of copying the copy. A miner's own earlier updates
 * count too: error feedback takes out what was sent, so honest consecutive updates share 0 to 2 % of their positions, and
 * an old one sold again all.
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
  const originals = [...earlier].sort(onChain);
  const findings: CopyFinding[] = [];
  for (const update of [...current].sort(onChain)) {
    const finding = closest(update, originals, threshold);
    if (finding === undefined) originals.push(update);
    else findings.push(finding);
  }
  return findings;
}

function closest(
  update: CommittedUpdate,
  originals: readonly CommittedUpdate[],
  threshold: number,
): CopyFinding | undefined {
  let found: CopyFinding | undefined;
  for (const original of originals) {
    const share = shareRepeated(update.tensors, original.tensors);
    if (share < threshold) continue;
    if (found !== undefined && found.overlap >= share) continue;
    const { round, neuronId } = original;
    found = {
      neuronId: update.neuronId,
      originalRound: round,
      originalNeuronId: neuronId,
      overlap: share,
    };
  }
  return found;
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
