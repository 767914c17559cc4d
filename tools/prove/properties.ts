/** The properties, in the order of `docs/audit/proofs.md`. */
import type { Call } from "./exhaust.ts";
import type { Theory } from "./smt.ts";

export interface Property {
  readonly number: string;
  readonly title: string;
  /** Contract in the file of the same name in `proofs/`. */
  readonly harness: string;
  readonly steps: readonly Step[];
}

/**
 * `solve`: no call of these functions inside their domain fails. `exhaust`: no u16 does. `factors`: the order of the
 * burn price's factors, in a model of its loop.
 */
export type Step =
  | {
      readonly kind: "solve";
      readonly theory: Theory;
      readonly lemmas: readonly string[];
      readonly rejection?: string;
    }
  | { readonly kind: "exhaust"; readonly calls: readonly Call[] }
  | { readonly kind: "factors" };

const integers = (...lemmas: string[]): Step => ({ kind: "solve", theory: "integers", lemmas });
const bits = (...lemmas: string[]): Step => ({ kind: "solve", theory: "bits", lemmas });
/** As `bits`, for functions whose library may answer with the error. */
const rejecting = (rejection: string, ...lemmas: string[]): Step => {
  return { kind: "solve", theory: "bits", lemmas, rejection };
};
const everyU16 = (name: string, batch: number): Step => ({ kind: "exhaust", calls: [{ name, batch }] });

const rows: readonly (readonly [title: string, harness: string, ...steps: Step[]])[] = [
  [
    "packing a clock loses nothing; clocks alone validate",
    "RoundClockProof",
    integers("packing", "validPasses"),
    rejecting("InvalidClock(uint256)", "passedIsValid"),
  ],
  ["every time lies in exactly one round", "RoundClockProof", integers("oneRound")],
  ["every time lies in exactly one phase", "RoundClockProof", integers("onePhase")],
  ["the epoch of a time is the epoch of its round", "RoundClockProof", integers("epochs")],
  ["rounds and epochs never fall with time", "RoundClockProof", integers("monotone")],
  ["staking and unstaking at once gains nothing", "ShareMathProof", integers("roundTrip")],
  [
    "no stake or unstake lowers a share's price",
    "ShareMathProof",
    integers("stakeKeepsPrice", "unstakeKeepsPrice"),
  ],
  [
    "all shares are worth at most the pool, always",
    "ShareMathProof",
    integers("solvency", "ratioAfterStake", "ratioAfterUnstake"),
  ],
  ["halvings are the largest k of the formula", "IssuanceProof", integers("largest")],
  ["halvings never fall as more is issued", "IssuanceProof", integers("monotone")],
  ["two epochs of the rate never exceed what is left", "IssuanceProof", integers("potFits")],
  ["a settlement never mints more than its pot", "Q32Proof", integers("payStep", "payEnd", "split")],
  ["a registration raises the price by 26 %, rounded up", "BurnPriceProof", integers("raised")],
  [
    "a decayed price is at most the price and at least 1",
    "BurnPriceProof",
    integers("bounds", "decayedAfterLong"),
  ],
  [
    "the price never climbs with time",
    "BurnPriceProof",
    integers("order", "sameHalfLife", "laterHalfLife"),
    { kind: "factors" },
  ],
  [
    "a commitment reads back in its period and in no other",
    "LanesProof",
    bits("commitReadsBack", "commitOfAnotherPeriod"),
  ],
  ["a uid's holder reads back, the others stay", "LanesProof", bits("uidLanes")],
  ["clearing an incentive changes no other lane", "LanesProof", bits("incentiveLanes", "incentiveMark")],
  ["permits read back; earlier epochs keep theirs", "LanesProof", bits("permitsReadBack", "permitsBefore")],
  [
    "shares of a total sum to at most one",
    "Q32Proof",
    integers("shareStep", "shareEnd", "divisionByNothing"),
  ],
  ["a share fits u16; a part is at most the whole", "Q32Proof", integers("toU16", "mulByShare")],
  ["the lanes' weight is the exact quotient", "Q32Proof", integers("laneWeight")],
  ["every u16 as a share and back", "ExhaustiveProof", everyU16("conversions", 8192)],
  ["the lanes' bond of every u16 is the exact quotient", "ExhaustiveProof", everyU16("laneBond", 8192)],
  ["packed shares are the shares, for every u16", "ExhaustiveProof", everyU16("packedU16", 2048)],
  ["packed u64 read back, every u16 in every quarter", "ExhaustiveProof", everyU16("packedU64", 512)],
  ["incentives read back, every u16 in every lane", "ExhaustiveProof", everyU16("incentives", 256)],
  ["adding to a total changes no other lane", "LanesProof", bits("totalLanes")],
];

export const properties: readonly Property[] = rows.map(([title, harness, ...steps], index) => ({
  number: `P${index + 1}`,
  title,
  harness,
  steps,
}));
