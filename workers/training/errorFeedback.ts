import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { Tensors } from "../protocol/tensors.ts";

/** Δ = θ_start − θ_end, rounded to fp32: the pseudo-gradient of a round. */
export function pseudoGradient(start: Tensors, end: Tensors): Tensors {
  return start.map((from, index) => {
    const to = end[index];
    const delta = new Float32Array(from.length);
    for (let i = 0; i < delta.length; i++) delta[i] = from[i] - to[i];
    return delta;
  });
}

/** fround(decay · e + Δ) per value: what is offered to the encoder. */
export function withErrorFeedback(errorFeedback: Tensors, delta: Tensors, decay: number): Tensors {
  return errorFeedback.map((left, index) => {
    const moved = delta[index];
    const offered = new Float32Array(left.length);
    for (let i = 0; i < offered.length; i++) offered[i] = decay * left[i] + moved[i];
    return offered;
  });
}

/** fround(offered − decoded) at the positions sent, in place: what compression left out, carried to the next round. */
export function subtractSent(offered: Tensors, sent: readonly SparseTensor[]): void {
  for (const [index, { positions, values }] of sent.entries()) {
    const tensor = offered[index];
    for (let i = 0; i < positions.length; i++) tensor[positions[i]] -= values[i];
  }
}

/** fround(left + decoded) at the positions sent, in place: what was offered, up to rounding, from what was left of it. */
export function addSent(left: Tensors, sent: readonly SparseTensor[]): void {
  for (const [index, { positions, values }] of sent.entries()) {
    const tensor = left[index];
    for (let i = 0; i < positions.length; i++) tensor[positions[i]] += values[i];
  }
}
