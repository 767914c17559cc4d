import type { Priors } from "./rangeCoder.ts";

/** Chunk full? By whether the chunk before was. */
export const COUNT_FULL = 0;
/** Chunk that is not full: empty? */
export const COUNT_EMPTY = 2;
/** Two levels? By the chunk before. */
export const SPREAD = 3;
/** Upper level? By the value before. */
export const LEVEL = 5;
/** Scale difference not zero? Further bit of its magnitude? First scale of a tensor, then the others. */
export const SCALE_FIRST = 7;
export const SCALE_NEXT = 19;
/** One more step of the gap? By 3 classes of positions left × 4 of cells a position × steps so far. */
export const GAP_MORE = 31;
/** Upper two bits of the gap within a step: same classes × tree node. */
export const GAP_REST = 67;

const COUNT = 103;

export const PRIORS: Priors = {
  probabilities: new Array(COUNT).fill(32768),
  confidences: new Array(COUNT).fill(0),
};
