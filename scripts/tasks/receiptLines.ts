import { formatEther } from "viem";
import { auditText } from "../../workers/evaluation/auditText.ts";
import type { SequenceRef } from "../../workers/protocol/assignment.ts";
import type { PayReceipt } from "../../workers/protocol/payReceipt.ts";
import { ONE } from "../../workers/protocol/yuma.ts";
import type { Evaluation, RoundReceipt, ValidatorReceipt } from "../../workers/validator/explain.ts";
import type { Receipt } from "../../workers/validator/receipt.ts";
import { columns, count, shortAddress, tokens } from "../format.ts";

/** Sequences written out; `--json` lists all. */
const shownSequences = 4;

/** The receipt for people, one string per line; its table folded to `width`. */
export function receiptLines(receipt: Receipt, width?: number): string[] {
  const { uid, neuronId, neuron, epoch, settledInRound, rounds, validators, pay } = receipt;
  const keys =
    neuron === undefined
      ? ""
      : ` · hotkey ${shortAddress(neuron.hotkey)} · coldkey ${shortAddress(neuron.coldkey)}`;
  const settled = settledInRound === undefined ? "not settled" : `settled in round ${settledInRound}`;
  return [
    `uid ${uid} · neuron ${neuronId}${keys} · epoch ${epoch}, ${settled}`,
    "",
    ...rounds.flatMap(roundLines),
    ...(rounds.length === 0 ? ["no round of the epoch is over yet"] : []),
    "",
    ...validatorLines(validators, pay, width),
    "",
    ...(pay === undefined ? ["no pay: the epoch is not settled"] : payLines(pay)),
  ];
}

function roundLines(receipt: RoundReceipt): string[] {
  const { round, held, committed, revealedAfterSeconds, attested, eligible, gathered, evaluations } = receipt;
  const stake = attested.permitted === 0n ? "no stake" : percent(attested.attested, attested.permitted);
  const happened = [
    held ? undefined : "not in the metagraph yet",
    committed === undefined
      ? "nothing committed"
      : `committed ${count(committed.bytes)} bytes after ${committed.afterSeconds} s`,
    revealedAfterSeconds === undefined ? "not revealed" : `revealed after ${revealedAfterSeconds} s`,
    `attested by ${stake}`,
    eligible ? "eligible" : "not eligible",
    gathered ? "in the gather set" : "not in the gather set",
  ];
  if (committed === undefined && evaluations.every(({ entry }) => entry === undefined))
    return [`round ${round}: nothing committed`];
  const silent = evaluations.filter(({ entry }) => entry === undefined).map(({ validator }) => validator);
  return [
    `round ${round}: ${happened.filter((part) => part !== undefined).join(", ")}`,
    ...evaluations.flatMap(evaluationLines),
    ...(silent.length === 0 ? [] : [`  no entry by neuron ${silent.join(", ")}`]),
  ];
}

function evaluationLines({ validator, entry, sampled, own, random }: Evaluation): string[] {
  if (entry === undefined) return [];
  const { status, losses, copyOf, penalties, audit, before, after, score } = entry;
  const copy =
    copyOf === null
      ? "no copy"
      : `${(copyOf.overlap * 100).toFixed(1)} % of neuron ${copyOf.neuronId}'s of round ${copyOf.round}`;
  const reasons = penalties.map(({ reason, factor }) => `${reason} × ${factor}`).join(", ");
  const rating = (state: typeof before) => `${state.rating.mu.toFixed(3)} ± ${state.rating.sigma.toFixed(3)}`;
  return [
    `  by neuron ${validator}: ${status}, ${sampled ? "sampled" : "not sampled"}, ${copy}, penalties: ${reasons || "none"}`,
    ...(losses === null
      ? []
      : [
          `    own text    ${losses.own.before} → ${losses.own.after} on ${sequencesText(own)}`,
          `    random text ${losses.random.before} → ${losses.random.after} on ${sequencesText(random)}`,
        ]),
    ...(audit === null ? [] : [`    ${auditText(audit)}`]),
    `    rating ${rating(before)} → ${rating(after)}, own-text evidence ${before.computation.toFixed(3)} → ${after.computation.toFixed(3)}, standing ${before.standing.toFixed(3)} → ${after.standing.toFixed(3)}, audit standing ${before.auditStanding.toFixed(3)} → ${after.auditStanding.toFixed(3)}, score ${score}`,
  ];
}

function sequencesText(refs: readonly SequenceRef[]): string {
  const shown = refs.slice(0, shownSequences).map(({ shard, sequence }) => `${shard}/${sequence}`);
  const more = refs.length > shownSequences ? " …" : "";
  return `${refs.length} sequences (${shown.join(" ")}${more})`;
}

function validatorLines(
  validators: readonly ValidatorReceipt[],
  pay: PayReceipt | undefined,
  width: number | undefined,
): string[] {
  const names = [
    "validator",
    "uid",
    "stake WEFT",
    "weight",
    "of row",
    "counted",
    "× stake share",
    "agreement",
    "committed",
    "revealed",
    "slowest attest",
    "row",
    "log",
  ];
  const rows = validators.map((validator) => {
    const vote = pay?.votes.find(({ neuronId }) => neuronId === validator.neuronId);
    return [
      `neuron ${validator.neuronId}`,
      String(validator.uid),
      tokens(validator.stake),
      vote === undefined ? "" : String(vote.weight),
      vote === undefined ? "" : share(vote.ofRow),
      vote === undefined ? "" : `${share(vote.counted)}${vote.clipped ? " clipped" : ""}`,
      vote === undefined ? "" : share(vote.share),
      validator.agreement === undefined ? "" : percent(validator.agreement, ONE),
      seconds(validator.committedAfterSeconds),
      seconds(validator.revealedAfterSeconds),
      seconds(validator.slowestAttestationSeconds),
      validator.row === "unknown" ? "" : `${validator.row}${validator.row === "differs" ? " from" : ""} log`,
      validator.log?.cid ?? validator.logProblem ?? "",
    ];
  });
  return rows.length === 0
    ? ["no validator was permitted"]
    : columns([names, ...rows], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], width);
}

function payLines(pay: PayReceipt): string[] {
  const { pots, split, credited, disagreements } = pay;
  const pot = `${count(pots.seconds)} s × ${formatEther(pots.rate)} WEFT/s (${pots.halvings} halvings)`;
  const exact = disagreements.length === 0;
  return [
    `consensus   ${share(pay.consensus)} (Q32 ${pay.consensus})`,
    `rank        ${pay.votes.map(({ rank }) => rank).join(" + ") || "0"} = ${pay.rank} of ${pay.rankSum}`,
    `pot         ${pot} = ${formatEther(pots.pot)} WEFT`,
    `incentive   ${pay.incentiveShare} / 2^32 of ${bps(split.minerBps)} = ${formatEther(pots.miners)} WEFT, rounded down: ${formatEther(pay.incentive)} WEFT`,
    ...(pay.dividendShare === 0n ? [] : [dividendLine(pay)]),
    ...(pay.bounty === 0n ? [] : [`bounty      ${formatEther(pay.bounty)} WEFT for settling`]),
    `total       ${formatEther(pay.incentive + pay.dividend + pay.bounty)} WEFT`,
    `credited    incentive ${formatEther(credited.incentive)} WEFT, dividend ${formatEther(credited.dividend)} WEFT`,
    exact ? "adds up exactly" : `does not add up: ${disagreements.join(", ")}`,
  ];
}

function dividendLine({ dividendShare, split, pots, dividend, take }: PayReceipt): string {
  const part = `${dividendShare} / 2^32 of ${bps(split.validatorBps)} = ${formatEther(pots.validators)} WEFT`;
  const halves = `${formatEther(take)} to the owner and ${formatEther(dividend - take)} to the pool`;
  return `dividend    ${part}, rounded down: ${formatEther(dividend)} WEFT, of which ${halves}`;
}

function bps(value: bigint): string {
  return `${Number(value) / 100} %`;
}

/** Q32 as a decimal fraction. */
function share(value: bigint): string {
  return (Number(value) / Number(ONE)).toFixed(6);
}

function percent(part: bigint, whole: bigint): string {
  return `${((Number(part) / Number(whole)) * 100).toFixed(1)} %`;
}

function seconds(value: number | undefined): string {
  return value === undefined ? "" : `${value} s`;
}
