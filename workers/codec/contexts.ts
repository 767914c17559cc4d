import { priorsOf } from "./rangeCoder.ts";

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

/** Negative? By the last sign in the column: none, positive, negative. */
export const SIGN = 103;

export const CONTEXT_COUNT = 106;

/** Full (2), empty, two levels (2), upper level (2): P(1) in 65,536ths like all below. */
const CHUNK_PRIORS = [65470, 16384, 32768, 6554, 39322, 6554, 9830];
/** What follows is printed by tools/derive-codec-priors.ts. */
const FIRST_SCALE_PRIORS = [64881, 64200, 62779, 59905, 53804, 40473, 17240, 919, 655, 655, 655, 655];
const NEXT_SCALE_PRIORS = [56892, 46604, 26012, 3351, 655, 655, 655, 655, 655, 655, 655, 655];
const GAP_MORE_PRIORS = [
  21002, 8228, 3121, 26820, 16120, 8465, 32055, 23112, 10968, 35456, 29348, 17865, 24253, 20410, 14367, 30014,
  26250, 20991, 34054, 30331, 25518, 37223, 34417, 30367, 25292, 24471, 23394, 30638, 29534, 27749, 35041,
  34432, 33369, 38318, 38047, 37268,
];
const GAP_REST_PRIORS = [
  24948, 29650, 28301, 26775, 29841, 30235, 27380, 30373, 29920, 28790, 29564, 31043, 25625, 29267, 28967,
  26653, 29674, 29450, 27252, 30285, 29938, 28235, 30911, 30423, 25269, 28910, 28780, 26678, 29675, 29524,
  28044, 30377, 30193, 28495, 30527, 30572,
];

/** Even: what a column's values have in common shows itself. */
const SIGN_PRIORS = [32768, 32768, 32768];

const PROBABILITIES = [
  ...CHUNK_PRIORS,
  ...FIRST_SCALE_PRIORS,
  ...NEXT_SCALE_PRIORS,
  ...GAP_MORE_PRIORS,
  ...GAP_REST_PRIORS,
  ...SIGN_PRIORS,
];

/** Observations that each prior is worth: what real data resemble most closely weighs most. */
function confidence(context: number): number {
  if (context >= SIGN) return 12;
  if (context >= GAP_MORE) return 200;
  if (context >= SCALE_NEXT) return 12;
  if (context >= LEVEL) return 8;
  return context === COUNT_FULL ? 30 : 6;
}

export const PRIORS = priorsOf(
  PROBABILITIES,
  PROBABILITIES.map((_, context) => confidence(context)),
);
