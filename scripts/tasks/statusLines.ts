import type { Address } from "viem";
import type { Phase } from "../../workers/protocol/clock.ts";
import type { EpochStatus, RoundOutcome, RoundStatus } from "../../workers/protocol/neuronStatus.ts";
import type { Epoch, NeuronId, Round, Uid } from "../../workers/protocol/quantities.ts";
import { amount, columns, count, shortAddress } from "../format.ts";

/** How a neuron stands. Money in wei, times in seconds of the chain. */
export interface Standing {
  readonly neuronId: NeuronId;
  /** Undefined once another neuron took its uid. */
  readonly uid: Uid | undefined;
  readonly hotkey: Address;
  readonly role: string;
  /** Undefined before genesis, and so is the phase. */
  readonly round: Round | undefined;
  readonly epoch: Epoch;
  readonly phase: Phase | undefined;
  /** Until the phase ends, or the run begins. */
  readonly phaseEndsIn: number;
  /** Oldest first; the last one runs. */
  readonly rounds: readonly RoundStatus[];
  /** The last epochs whose weights are due or settled. */
  readonly epochs: readonly EpochStatus[];
  /** Share of the last settlement's incentive, and the place among all that have any. */
  readonly incentive: number;
  readonly rank: number | undefined;
  readonly ranked: number;
  readonly stake: bigint;
  readonly earned: bigint;
  readonly claimed: bigint;
  readonly hotkeyCoin: bigint;
  /** What the hotkey's transactions of an epoch cost at the present price. */
  readonly coinNeeded: bigint;
}

/** Something that keeps a node from earning, and what to do about it. */
export interface Problem {
  readonly code:
    | "REPLACED"
    | "NO_GAS"
    | "LITTLE_GAS"
    | "SILENT"
    | "UNREVEALED"
    | "UNATTESTED"
    | "NOT_ATTESTING"
    | "WEIGHTS_MISSING";
  readonly text: string;
}

const outcomes: Readonly<Record<RoundOutcome, string>> = {
  open: "running",
  absent: "had no uid yet",
  silent: "nothing committed",
  unrevealed: "committed, not revealed",
  unattested: "revealed, not attested by more than half of the stake",
  ungathered: "counts, but was not in the gather set",
  gathered: "in the gather set, part of the model unless it goes against the others",
};

/** The standing for people, one string per line; its table folded to `width`. */
export function statusLines(standing: Standing, problems: readonly Problem[], width?: number): string[] {
  const { neuronId, uid, hotkey, role, round, epoch, phase, phaseEndsIn } = standing;
  const place = uid === undefined ? "without a uid" : `uid ${uid}`;
  const when =
    round === undefined
      ? `the run begins in ${count(phaseEndsIn)} s`
      : `round ${round}, epoch ${epoch} · ${phase} for another ${count(phaseEndsIn)} s`;
  const { incentive, rank, ranked, stake, earned, claimed, hotkeyCoin } = standing;
  const ranking = rank === undefined ? "no incentive yet" : `rank ${rank} of ${ranked}`;
  return [
    `neuron ${neuronId} · ${place} · ${role} · hotkey ${shortAddress(hotkey)}`,
    when,
    `incentive ${(incentive * 100).toFixed(1)} %, ${ranking} · stake ${amount(stake, "WEFT")} · earned ${amount(earned, "WEFT")}, ${amount(earned - claimed, "WEFT")} to claim · gas ${amount(hotkeyCoin, "coin")}`,
    "",
    ...(standing.rounds.length === 0 ? [] : roundLines(standing.rounds, width)),
    ...standing.epochs.filter(({ permitted }) => permitted).map(epochLine),
    "",
    ...(problems.length === 0 ? ["no problems"] : problems.map(({ code, text }) => `! ${text} (${code})`)),
  ];
}

function roundLines(rounds: readonly RoundStatus[], width: number | undefined): string[] {
  return columns(
    rounds.map((each) => [`round ${each.round}`, outcomeText(each), attestedText(each)]),
    [],
    width,
  );
}

function outcomeText({ outcome, attestedShare }: RoundStatus): string {
  const share =
    outcome === "open" || attestedShare === 0 ? "" : `, attested by ${(attestedShare * 100).toFixed(0)} %`;
  return `${outcomes[outcome]}${share}`;
}

function attestedText({ attested, outcome }: RoundStatus): string {
  if (attested === undefined) return "";
  if (attested) return "attested to others";
  return outcome === "open" ? "" : "did not attest to others";
}

function epochLine({ epoch, committed, revealed, settled }: EpochStatus): string {
  const row = revealed ? "revealed" : committed ? "committed, not revealed" : "not committed";
  return `epoch ${epoch}: weights ${row}${settled ? ", settled" : ""}`;
}

/** What is wrong, worst first. Only rounds that are over count. */
export function problemsOf(standing: Standing): Problem[] {
  const { neuronId, uid, hotkey, hotkeyCoin, coinNeeded, epochs } = standing;
  const over = standing.rounds.filter(({ outcome }) => outcome !== "open");
  const last = over.at(-1);
  const validates = standing.rounds.some(({ attested }) => attested !== undefined);
  const problems: Problem[] = [];
  const add = (code: Problem["code"], text: string) => void problems.push({ code, text });
  if (uid === undefined) {
    add(
      "REPLACED",
      `neuron ${neuronId} lost its uid: register again; its stake and earnings are still yours`,
    );
    return problems;
  }
  if (hotkeyCoin === 0n)
    add("NO_GAS", `the hotkey has no coin for gas: npx hardhat fund --to ${hotkey} --coin 0.5`);
  else if (hotkeyCoin < coinNeeded) {
    add(
      "LITTLE_GAS",
      `the hotkey's coin lasts for less than an epoch: npx hardhat fund --to ${hotkey} --coin 0.5`,
    );
  }
  const idle = over.length - 1 - over.findLastIndex(({ outcome }) => outcome !== "silent");
  if (!validates && idle > 1) {
    add("SILENT", `nothing was committed in the last ${idle} rounds: is the worker running, and on time?`);
  }
  if (last?.outcome === "unrevealed") {
    add(
      "UNREVEALED",
      "the last update was not revealed, for which collateral and stake can be taken: see the worker's log",
    );
  }
  if (last?.outcome === "unattested") {
    add(
      "UNATTESTED",
      "validators could not fetch or decode the last update: can others reach your content store?",
    );
  }
  if (last?.attested === false) {
    add("NOT_ATTESTING", "the validator did not attest in the last round: is it running, and on time?");
  }
  const missing = epochs.find(({ permitted, revealed, settled }) => permitted && settled && !revealed);
  if (missing !== undefined) {
    add("WEIGHTS_MISSING", `no weights were revealed for epoch ${missing.epoch}: no dividends for it`);
  }
  return problems;
}
