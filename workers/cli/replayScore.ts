import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { EvaluationBook } from "../database/evaluationBook.ts";
import { evaluationBatch } from "../evaluation/evaluationBatch.ts";
import type { Machine } from "../evaluation/evaluationLog.ts";
import type { LossFunction } from "../evaluation/lossScore.ts";
import { ModelStates } from "../node/modelStates.ts";
import { FatalError } from "../protocol/errors.ts";
import type { NeuronId, Round, Uid } from "../protocol/quantities.ts";
import { systemClock } from "../runtime/clock.ts";
import { silentLog } from "../runtime/log.ts";
import type { MetricRow } from "../runtime/metrics.ts";
import { type Progress, sparingProgress } from "../runtime/progress.ts";
import { cpuDevice } from "../training/device.ts";
import { Engine } from "../training/engine.ts";
import { requireMemory } from "../training/memory.ts";
import { Auditor } from "../validator/auditor.ts";
import { bookedRounds, type LoggedRounds, loggedRounds } from "../validator/loggedRounds.ts";
import { type Replayed, replay, requireOver } from "../validator/replay.ts";
import { machineHash, machineOf } from "./machine.ts";
import { type ReadableRun, readRun } from "./readRun.ts";
import type { RunLocation } from "./runOptions.ts";

export interface ReplayScoreOptions extends RunLocation {
  readonly uid: Uid;
  readonly round: Round;
  /** Uid of the validator. */
  readonly validator: Uid;
  /** Recompute everybody's losses, not this uid's alone. */
  readonly all: boolean;
  /** A validator's own database instead of its published log. */
  readonly book: string | undefined;
  /** Where computed states of the model are kept for the next replay. */
  readonly folder: string;
  readonly threads: number;
}

export interface ReplayedScore extends Replayed {
  readonly neuronId: NeuronId;
  readonly validatorNeuronId: NeuronId;
  readonly logged: Replayed["logged"];
  readonly source: Pick<LoggedRounds, "source" | "machine" | "missing">;
  readonly machine: Machine;
}

/** Recomputes a score. @throws as `readRun`, `loggedRounds`, `replay`; FatalError UNKNOWN_UID, BOOK_MISSING, DATABASE_* */
export async function replayScore(
  options: ReplayScoreOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<ReplayedScore> {
  const progress = sparingProgress(say, systemClock);
  const readable = await readRun(options, signal, progress);
  const { round } = options;
  requireOver(readable, round);
  const neuronId = occupantOf(readable, options.uid, round);
  const validator = occupantOf(readable, options.validator, round);
  const book = options.book === undefined ? undefined : openBook(options.book);
  try {
    const { run, follower } = readable;
    const logged =
      book === undefined
        ? await loggedRounds(run, follower.history, validator, round, signal)
        : bookedRounds(book);
    const telling = { say, progress };
    const result = await withEngine(readable, options, telling, signal, (engine, states) => {
      let computed = 0;
      const losses: LossFunction = (theta, sequences, aborted) => {
        progress(() => `computed the losses of ${computed} sequences`);
        computed += sequences.length;
        return engine.sequenceLosses(theta, sequences, { signal: aborted });
      };
      const machine = machineHash(machineOf(cpuDevice));
      const auditor = new Auditor({ ...readable, states, engine, machine });
      const recompute = { ...readable, validator, states, losses, auditor };
      return replay(recompute, logged, { ...options, neuronId }, signal);
    });
    const { source, machine, missing } = logged;
    const where = { source, machine, missing };
    return {
      ...result,
      neuronId,
      validatorNeuronId: validator,
      source: where,
      machine: machineOf(cpuDevice),
    };
  } finally {
    book?.close();
  }
}

function occupantOf({ follower }: ReadableRun, uid: Uid, round: Round): NeuronId {
  const neuronId = follower.history.occupant(uid, round);
  if (neuronId !== undefined) return neuronId;
  throw new FatalError("UNKNOWN_UID", `nobody held uid ${uid} before round ${round}`, {
    data: { uid, round },
    hint: "See who takes part with: npx hardhat metagraph.",
  });
}

function openBook(path: string): EvaluationBook {
  if (existsSync(path)) return new EvaluationBook(path);
  throw new FatalError("BOOK_MISSING", `there is no ${path}`, {
    data: { path },
    hint: "Give the evaluations.sqlite in a validator's folder, or leave --book out.",
  });
}

async function withEngine(
  { run, follower, beacons, updates, clock }: ReadableRun,
  { folder, round, threads }: ReplayScoreOptions,
  { say, progress }: { readonly say: (line: string) => void; readonly progress: Progress },
  signal: AbortSignal,
  work: (engine: Engine, states: ModelStates) => Promise<Replayed>,
): Promise<Replayed> {
  const { model, training, scoring, overlap = 0 } = run.manifest;
  requireMemory(model, training, cpuDevice, totalmem(), overlap);
  const record = (row: MetricRow) =>
    row.type === "state" && progress(() => `the model's state of round ${row.round} of ${round}`);
  const quiet = { clock, log: silentLog, metrics: { record } };
  // A folder a run: the same --dir may have held another.
  const { chainId, addresses, clock: timetable } = run.contracts;
  const own = join(folder, `${chainId}-${addresses.registry}-${timetable.genesis}`);
  // Audits look back on the round before, and with overlap on what its late steps began from.
  const limits = { folder: own, upTo: Math.max(0, round - 1 - overlap), missing: "fail" } as const;
  const states = await ModelStates.open({ run, follower, beacons, updates, ...quiet, ...limits }, signal);
  if (states.latest.round < round)
    say(`working out the model's state of round ${round} from that of round ${states.latest.round}`);
  const engine = new Engine({ model, training, threads, evaluationBatch: evaluationBatch(scoring) });
  try {
    return await work(engine, states);
  } finally {
    await engine.close();
  }
}
