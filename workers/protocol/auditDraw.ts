import type { Hex } from "viem";
import type { NeuronId } from "./quantities.ts";
import { hashWords, nameTag } from "./words.ts";

const PICK_DRAW = nameTag("weft.draw.audit");
const TENSOR_DRAW = nameTag("weft.draw.auditTensor");

/** How many audits: each update with probability `rate`, at most `perRound` of a round. */
export interface AuditQuota {
  readonly rate: number;
  readonly perRound: number;
}

/**
 * Neurons whose updates of a round are audited, in the order of their draws: those with
 * `keccak256(abi.encode(keccak256("weft.draw.audit"), beacon, neuronId)) >> 224 < ⌊rate · 2^32⌋`, the lowest draws first.
 * The same for every validator.
 * @param auditBeacon `audit` beacon of the round, unknown while miners train and reveal.
 * @param revealed each neuron once
 */
export function auditPicks(
  auditBeacon: Hex,
  revealed: readonly NeuronId[],
  { rate, perRound }: AuditQuota,
): NeuronId[] {
  const below = BigInt(Math.floor(rate * 2 ** 32));
  return revealed
    .map((neuronId) => ({ neuronId, draw: BigInt(hashWords([PICK_DRAW, auditBeacon, neuronId])) }))
    .filter(({ draw }) => draw >> 224n < below)
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))
    .slice(0, perRound)
    .map(({ neuronId }) => neuronId);
}

/**
 * Which tensors are looked at where a whole audit would be too large: `count` different ones, all where there are no
 * more, ascending.
 */
export function auditTensors(auditBeacon: Hex, neuronId: NeuronId, tensors: number, count: number): number[] {
  const left = Array.from({ length: tensors }, (_, index) => index);
  const chosen: number[] = [];
  while (chosen.length < count && left.length > 0) {
    const draw = BigInt(hashWords([TENSOR_DRAW, auditBeacon, neuronId, chosen.length]));
    chosen.push(...left.splice(Number(draw % BigInt(left.length)), 1));
  }
  return chosen.sort((a, b) => a - b);
}
