import { auditText } from "../evaluation/auditText.ts";
import type { Machine } from "../evaluation/evaluationLog.ts";
import type { LossPair } from "../evaluation/lossScore.ts";
import type { ReplayedScore, ReplayScoreOptions } from "./replayScore.ts";

type Request = Pick<ReplayScoreOptions, "uid" | "round" | "validator" | "all">;

/** The result as plain data; neuronIds are decimal strings. */
export function replayJson(request: Request, replayed: ReplayedScore): Readonly<Record<string, unknown>> {
  const { uid, round, validator, all } = request;
  const { neuronId, validatorNeuronId, verdict, difference, continuity, row, source, machine } = replayed;
  const plain = {
    uid,
    neuronId,
    round,
    validator: { uid: validator, neuronId: validatorNeuronId },
    recomputed: all ? "all" : "uid",
    verdict,
    difference: difference ?? null,
    continuity,
    row,
    log: { ...source, machine: source.machine ?? null },
    machine,
    score: { logged: replayed.logged.score, recomputed: replayed.recomputed.score },
    losses: { logged: replayed.logged.losses, recomputed: replayed.recomputed.losses },
    audit: { logged: replayed.logged.audit, recomputed: replayed.recomputed.audit },
  };
  return JSON.parse(JSON.stringify(plain, withoutBigints));
}

/** The result for people, one string per line; the last line is the verdict. */
export function replayLines(request: Request, replayed: ReplayedScore): string[] {
  const { uid, round, validator } = request;
  const { neuronId, validatorNeuronId, source, machine, recomputed, continuity, row } = replayed;
  const { losses, penalties, audit, score, status } = recomputed;
  return [
    `uid ${uid} (neuron ${neuronId}) in round ${round}, by validator uid ${validator} (neuron ${validatorNeuronId})`,
    `  log         ${source.source}`,
    `  computed    on ${source.machine === undefined ? "an unknown machine" : machineText(source.machine)}`,
    `  again       on ${machineText(machine)}`,
    `  status      ${status}`,
    ...(losses === null
      ? ["  losses      not evaluated"]
      : [`  own text    ${lossText(losses.own)}`, `  random text ${lossText(losses.random)}`]),
    `  penalties   ${penalties.map(({ reason, factor }) => `${reason} × ${factor}`).join(", ") || "none"}`,
    ...(audit === null ? [] : [`  audit       ${auditText(audit)}`]),
    `  score       ${score}`,
    `  before      ${continuity === "unknown" ? "cannot be compared with the round before: no log of it" : `${continuity} from the round before`}`,
    `  row         ${row === "unknown" ? "none revealed" : `${row} from the log`}`,
    ...source.missing.map((what) => `  missing log ${what}`),
    verdictText(replayed),
  ];
}

function verdictText({ verdict, difference }: ReplayedScore): string {
  if (difference !== undefined) {
    const { path, logged, recomputed } = difference;
    const doubt = verdict === "undecided" ? ", undecided without the missing log" : "";
    return `first difference: ${path}: logged ${valueText(logged)}, recomputed ${valueText(recomputed)}${doubt}`;
  }
  return verdict === "identical" ? "identical" : "identical but for losses within the run's tolerance";
}

function lossText({ before, after }: LossPair): string {
  return `${before} → ${after} nats per token`;
}

function machineText({ provider, engine, processor }: Machine): string {
  return `${provider}, ${engine}, ${processor}`.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}

function valueText(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value, withoutBigints) ?? "nothing");
}

function withoutBigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
