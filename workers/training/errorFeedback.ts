import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { Tensors } from "../protocol/tensors.ts";

/** Δ = θ_start − θ_end, rounded to fp32: the pseudo-gradient of a round. */
export function pseudoGradient(start: Tensors, end: Tensors): Tensors {
  return start.map((tensor, index) => tensor.map((value, position) => value - end[index][position]));
}

/** fround(decay · e + Δ) per value: what is offered to the encoder. */
export function withErrorFeedback(errorFeedback: Tensors, delta: Tensors, decay: number): Tensors {
  return errorFeedback.map((tensor, index) =>
    tensor.map((value, position) => decay * value + delta[index][position]),
  );
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
