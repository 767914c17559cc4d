import { weiOf } from "./format.ts";

/** `GET /api/neurons/ID/receipts/EPOCH`, as `npx hardhat explain --json` prints it: what this page uses of it. */
export interface Receipt {
  readonly uid: number;
  readonly neuronId: string;
  readonly epoch: number;
  readonly settledInRound: number | null;
  readonly rounds: readonly ReceiptRound[];
  readonly validators: readonly ReceiptValidator[];
  readonly pay: ReceiptPay | null;
}

export interface ReceiptRound {
  readonly round: number;
  readonly held: boolean;
  readonly committed: { readonly afterSeconds: number; readonly bytes: number } | null;
  readonly revealedAfterSeconds: number | null;
  readonly attestedStake: string;
  readonly permittedStake: string;
  readonly eligible: boolean;
  readonly gathered: boolean;
  readonly evaluations: readonly {
    readonly validator: string;
    readonly found: {
      readonly status: string;
      readonly score: number;
      readonly losses: Readonly<
        Record<"own" | "random", { readonly before: number; readonly after: number }>
      > | null;
      readonly penalties: readonly { readonly reason: string; readonly factor: number }[];
      readonly copyOf: { readonly neuronId: string; readonly round: number; readonly overlap: number } | null;
    } | null;
  }[];
}

export interface ReceiptValidator {
  readonly neuronId: string;
  readonly uid: number;
  readonly stake: string;
  readonly agreement: number | null;
  readonly logProblem: string | null;
  readonly row: string;
}

export interface ReceiptPay {
  readonly votes: readonly {
    readonly neuronId: string;
    readonly weight: number;
    readonly clipped: boolean;
    readonly share: string;
    readonly ofRow: string;
    readonly counted: string;
    readonly rank: string;
  }[];
  readonly consensus: string;
  readonly rank: string;
  readonly rankSum: string;
  readonly incentiveShare: string;
  readonly dividendShare: string;
  readonly emission: {
    readonly seconds: number;
    readonly halvings: number;
    readonly rate: string;
    readonly pot: string;
    readonly minerBps: number;
    readonly validatorBps: number;
    readonly minersPot: string;
    readonly validatorsPot: string;
  };
  readonly incentive: string;
  readonly dividend: string;
  readonly take: string;
  readonly toPool: string;
  readonly bounty: string;
  readonly total: string;
  readonly credited: { readonly incentive: string; readonly dividend: string };
  readonly disagreements: readonly string[];
}

/** Q32: the whole. */
const one = 1n << 32n;

/** Names of the equations that do not hold to the wei, the projector's own disagreements included; empty when it adds up. */
export function disagreementsOf(pay: ReceiptPay): string[] {
  const { emission, votes, credited } = pay;
  const equations: Readonly<Record<string, readonly [bigint, bigint]>> = {
    rank: [votes.reduce((sum, { rank }) => sum + BigInt(rank), 0n), BigInt(pay.rank)],
    incentiveShare: [quotient(BigInt(pay.rank), BigInt(pay.rankSum)), BigInt(pay.incentiveShare)],
    pot: [BigInt(emission.seconds) * weiOf(emission.rate), weiOf(emission.pot)],
    minersPot: [partOf(emission.pot, emission.minerBps), weiOf(emission.minersPot)],
    validatorsPot: [partOf(emission.pot, emission.validatorBps), weiOf(emission.validatorsPot)],
    incentive: [(BigInt(pay.incentiveShare) * weiOf(emission.minersPot)) / one, weiOf(pay.incentive)],
    dividend: [(BigInt(pay.dividendShare) * weiOf(emission.validatorsPot)) / one, weiOf(pay.dividend)],
    split: [weiOf(pay.take) + weiOf(pay.toPool), weiOf(pay.dividend)],
    total: [weiOf(pay.incentive) + weiOf(pay.dividend) + weiOf(pay.bounty), weiOf(pay.total)],
    creditedIncentive: [weiOf(credited.incentive), weiOf(pay.incentive)],
    creditedDividend: [weiOf(credited.dividend), weiOf(pay.dividend)],
  };
  const broken = Object.entries(equations).flatMap(([name, [left, right]]) => (left === right ? [] : [name]));
  return [...new Set([...broken, ...pay.disagreements])];
}

/** A Q32 decimal as a share. */
export function shareOf(q32: string): number {
  return Number(BigInt(q32)) / Number(one);
}

function quotient(part: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : (part << 32n) / whole;
}

function partOf(pot: string, bps: number): bigint {
  return (weiOf(pot) * BigInt(bps)) / 10_000n;
}
