import { epochStart, type RoundClock } from "./clock.ts";
import type { BlockTime, Epoch } from "./quantities.ts";
import { ONE } from "./yuma.ts";

const BPS = 10_000n;
/** After so many halvings any rate is zero. */
const MAX_HALVINGS = 96;
const MAX_EPOCHS_COUNTED = 2;

/** What of the emission never changes, or only ends. */
export interface EmissionRules {
  /** Wei that will ever be issued. */
  readonly cap: bigint;
  /** Wei per second before the first halving. */
  readonly baseRate: bigint;
  /** First epoch in which somebody may validate. */
  readonly firstPermitEpoch: bigint;
  /** Time from which on nothing is paid. */
  readonly endsAt: bigint;
}

/** How pots are split, in basis points of the pot, as `Emission.ParametersSet` says. */
export interface EmissionSplit {
  readonly fromEpoch: Epoch;
  readonly minerBps: bigint;
  readonly validatorBps: bigint;
  readonly treasuryBps: bigint;
}

/** What an epoch's settlement had to give away; wei. */
export interface EmissionPots {
  readonly seconds: bigint;
  readonly halvings: number;
  /** Wei per second. */
  readonly rate: bigint;
  readonly pot: bigint;
  readonly miners: bigint;
  readonly validators: bigint;
}

/** The largest k ≤ 96 with issued · 2^k ≥ cap · (2^k − 1); wei. */
export function halvingsAt(issued: bigint, cap: bigint): number {
  let k = 0;
  while (k < MAX_HALVINGS && (cap - issued) << BigInt(k + 1) <= cap) k += 1;
  return k;
}

/**
 * Pots of an epoch (docs/protocol/emission.md), all rounded down.
 * @param issued wei issued before the settlement
 * @param lastSettled the epoch settled before; undefined where there was none
 */
export function emissionPots(
  clock: RoundClock,
  epoch: Epoch,
  lastSettled: Epoch | undefined,
  issued: bigint,
  rules: EmissionRules,
  split: EmissionSplit,
): EmissionPots {
  const seconds = BigInt(countedSeconds(clock, epoch, lastSettled, rules));
  const halvings = halvingsAt(issued, rules.cap);
  const rate = rules.baseRate >> BigInt(halvings);
  const pot = seconds * rate;
  return {
    seconds,
    halvings,
    rate,
    pot,
    miners: (pot * split.minerBps) / BPS,
    validators: (pot * split.validatorBps) / BPS,
  };
}

/** Wei of a pot that a Q32 share gets, rounded down. */
export function partOfDown(share: bigint, pot: bigint): bigint {
  return (share * pot) / ONE;
}

/**
 * The parameters an epoch is settled with, of `Emission` or `EpochEngine`.
 * @param set every `ParametersSet` so far, oldest first; the first comes with the deployment
 */
export function scheduledFor<Parameters extends { readonly fromEpoch: Epoch }>(
  epoch: Epoch,
  set: readonly Parameters[],
): Parameters | undefined {
  let earlier: Parameters | undefined;
  let latest: Parameters | undefined;
  for (const next of set) {
    if (latest !== undefined && latest.fromEpoch < next.fromEpoch) earlier = latest;
    latest = next;
  }
  return latest !== undefined && epoch < latest.fromEpoch ? earlier : latest;
}

function countedSeconds(
  clock: RoundClock,
  epoch: Epoch,
  lastSettled: Epoch | undefined,
  { firstPermitEpoch, endsAt }: EmissionRules,
): number {
  if (firstPermitEpoch > BigInt(epoch)) return 0;
  const first = epochStart(clock, Number(firstPermitEpoch));
  const boundary = (past: Epoch): BlockTime => epochStart(clock, past + 1);
  const from = lastSettled === undefined ? first : Math.max(boundary(lastSettled), first);
  const until = BigInt(boundary(epoch)) < endsAt ? boundary(epoch) : Number(endsAt);
  const most = MAX_EPOCHS_COUNTED * clock.tempo * clock.period;
  return Math.max(0, Math.min(until - from, most));
}
