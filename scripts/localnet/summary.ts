import { columns } from "../format.ts";
import type { LocalnetOptions } from "./options.ts";
import type { ParticipantReport, Report } from "./report.ts";

/** What speaks against an update, in words. */
const reasonWords: Readonly<Record<string, string>> = {
  copy: "repeated an earlier update",
  negative: "did not improve the model",
  missing: "was missing or attested by no majority",
  invalid: "was no valid update",
  brokenState: "did not continue its worker state",
};

/** The end of a run, for people; its tables folded to `width`. */
export function summaryLines(report: Report, options: LocalnetOptions, width?: number): string[] {
  const losses = report.validationLoss.filter((loss) => loss !== null);
  const first = report.initialValidationLoss;
  const all = first === null ? losses : [first, ...losses];
  const falls = all.slice(1).filter((loss, index) => loss < all[index]).length;
  const { bytesPerUpdate, denseBytes, ratio } = report.updates;
  return [
    "",
    `${report.rounds} rounds of ${report.roundSeconds} s, ${report.epochsSettled} epochs settled, ${report.wallSeconds.toFixed(0)} s in all`,
    `held-out loss ${loss(first)} → ${loss(losses.at(-1) ?? null)} nats per token; it fell in ${falls} of ${all.length - 1} rounds`,
    "",
    ...columns(
      [["uid", "participant", "stake", "earned", "why"], ...report.participants.map(row)],
      [0, 2, 3],
      width,
    ),
    "",
    `updates of ${(bytesPerUpdate / 1000).toFixed(1)} kB against ${(denseBytes / 1000).toFixed(0)} kB dense: ${ratio.toFixed(0)} times smaller`,
    `${(report.communicationShare * 100).toFixed(0)} % of a miner's working time went into communication (blocks of 1 s; waiting for phases apart)`,
    `state roots of all processes ${report.stateRoots.every(({ agree }) => agree) ? "agree in every round" : "DISAGREE"}`,
    `states attested by validators: ${report.checkpoints.length === 0 ? "none yet" : `of rounds ${report.checkpoints.join(", ")}`}`,
    `new storage slots per round, last 3 rounds: ${Number(report.newStorageSlotsPerRound.toFixed(1))}`,
    "",
    "gas, median:",
    ...columns(
      Object.entries(report.gas).map(([action, { count, median }]) => [
        `  ${action}`,
        median.toLocaleString("en"),
        `${count} times`,
      ]),
      [1, 2],
      width,
    ),
    "",
    ...(report.missed.length === 0 ? [] : ["missed:", ...report.missed.map((line) => `  ${line}`), ""]),
    `the model lies in ${report.modelPath} and writes:`,
    "",
    ...report.sample.split("\n").map((line) => `  | ${line}`),
    ...(options.report === undefined ? [] : ["", `report: ${options.report}`]),
  ];
}

function row(participant: ParticipantReport): string[] {
  const { uid, name, role, behaviour, stake, earned } = participant;
  return [
    role === "delegator" ? "–" : String(uid),
    behaviour === "honest" ? name : `${name} (${behaviour})`,
    stake.toFixed(2),
    earned.toFixed(2),
    why(participant),
  ];
}

function why({
  role,
  behaviour,
  penalties,
  incentiveShare,
  dividendShare,
  stakeShare,
}: ParticipantReport): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  if (role === "delegator") return "its part of the first validator's dividends";
  if (role === "validator")
    return `${percent(dividendShare)} of dividends with ${percent(stakeShare)} of stake`;
  if (behaviour === "honest") return `${percent(incentiveShare)} of incentive`;
  const found = Object.entries(penalties).map(
    ([reason, count]) => `${reasonWords[reason] ?? reason} (${count} times)`,
  );
  return found.length === 0 ? "no score reached the paid seats" : `its update ${found.join(", ")}`;
}

function loss(value: number | null): string {
  return value === null ? "–" : value.toFixed(3);
}
