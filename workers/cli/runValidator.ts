import { join } from "node:path";
import { EvaluationBook } from "../database/evaluationBook.ts";
import type { LossFunction } from "../evaluation/lossScore.ts";
import { AttestDuty } from "../validator/attestDuty.ts";
import { Auditor } from "../validator/auditor.ts";
import { CheckpointDuty } from "../validator/checkpointDuty.ts";
import { HeldOutLoss } from "../validator/heldOutLoss.ts";
import { RoundEvaluator } from "../validator/roundEvaluator.ts";
import { SettleDuty } from "../validator/settleDuty.ts";
import { ValidatorService } from "../validator/validatorService.ts";
import { WeightsDuty } from "../validator/weightsDuty.ts";
import { beside } from "./beside.ts";
import { joinRun } from "./joinRun.ts";
import { machineHash, machineOf } from "./machine.ts";
import type { Surroundings } from "./surroundings.ts";
import type { WorkerOptions } from "./workerOptions.ts";

/** Held-out sequences measured per round: enough to see the model learn, cheap beside the evaluation. */
const heldOutSequences = 64;

/** Runs a validator until `signal` aborts. */
export async function runValidator(
  options: WorkerOptions,
  signal: AbortSignal,
  surroundings?: Partial<Surroundings>,
): Promise<void> {
  const joined = await joinRun("validator", options, signal, surroundings);
  const { run, neuronId: validator, states, dataset, engine, device, folder } = joined;
  const book = new EvaluationBook(join(folder, "evaluations.sqlite"));
  surroundings?.onOpen?.(book);
  const losses: LossFunction = (theta, sequences, aborted) =>
    engine.sequenceLosses(theta, sequences, { signal: aborted });
  const machine = machineOf(device);
  const auditor = new Auditor({ ...joined, machine: machineHash(machine) });
  const evaluator = new RoundEvaluator({ ...joined, validator, book, losses, auditor });
  const { sequenceLength } = run.manifest.model;
  const sequences = await dataset.heldOutSequences(heldOutSequences, sequenceLength, signal);
  const checkpointDuty = new CheckpointDuty(joined);
  const service = new ValidatorService({
    ...joined,
    validator,
    attestDuty: new AttestDuty({ ...joined, validator }),
    evaluator,
    heldOut: new HeldOutLoss({ states, sequences, losses, metrics: joined.metrics }),
    weightsDuty: new WeightsDuty({
      ...joined,
      validator,
      evaluator,
      book,
      machine,
      checkpointDuty,
    }),
    settleDuty: new SettleDuty({ ...joined, validator }),
    checkpointDuty,
  });
  joined.follower.keep(joined.eventLog);
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const { log, sweeps } = joined;
  const sweeping = beside(sweeps.run(both), "content is no longer removed", { log, signal: both });
  try {
    await service.run(both);
  } finally {
    ended.abort();
    await sweeping;
    book.close();
    await joined.close();
  }
}
