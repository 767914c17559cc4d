import {
  type EvaluationLog,
  EvaluationLogError,
  maxLogBytes,
  parseEvaluationLog,
} from "../evaluation/evaluationLog.ts";
import type { Run } from "../node/run.ts";
import { epochOf } from "../protocol/clock.ts";
import { FatalError, RetryableError } from "../protocol/errors.ts";
import type { Epoch, NeuronId } from "../protocol/quantities.ts";
import type { RunHistory } from "../protocol/runHistory.ts";
import { refFor } from "../storage/contentRef.ts";
import type { ContentRef } from "../storage/contentStore.ts";
import { ContentError, ContentMissingError } from "../storage/errors.ts";

/** A log and the content it stands in. */
export interface PublishedLog {
  readonly log: EvaluationLog;
  readonly ref: ContentRef;
}

/**
 * The evaluation log that a validator's weight commit names, read and checked: whose, of which run and epoch it is, and
 * that its rounds are of the epoch.
 * @throws FatalError LOG_NOT_COMMITTED, EVALUATION_LOG_INVALID, EVALUATION_LOG_FOREIGN; RetryableError
 * EVALUATION_LOG_MISSING where nobody serves it
 */
export async function readPublishedLog(
  run: Run,
  history: RunHistory,
  validator: NeuronId,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<PublishedLog> {
  const commit = history.settled.weightCommit(epoch, validator);
  if (commit === undefined) {
    throw new FatalError("LOG_NOT_COMMITTED", `neuron ${validator} committed no weights for epoch ${epoch}`, {
      data: { validator, epoch },
      hint: "Only a weight commit, in the first round of the next epoch, names an evaluation log.",
    });
  }
  const { digest, size } = { digest: commit.logDigest, size: commit.logSize };
  if (size > maxLogBytes) throw new EvaluationLogError("$", `larger than ${maxLogBytes} bytes`);
  const ref = refFor(digest, size);
  const log = parseEvaluationLog(await contentOf(run, ref, validator, epoch, signal));
  const foreign = log.manifestHash !== run.manifestHash || log.validator !== validator || log.epoch !== epoch;
  if (foreign) {
    throw new FatalError("EVALUATION_LOG_FOREIGN", "the log is of another run, validator or epoch", {
      data: { validator: log.validator, epoch: log.epoch, manifestHash: log.manifestHash, cid: ref.cid },
      hint: "The validator committed to content that does not explain its weights.",
    });
  }
  const { clock } = run.contracts;
  for (const [index, { round }] of log.rounds.entries()) {
    if (epochOf(clock, round) !== epoch)
      throw new EvaluationLogError(`$.rounds.${index}.round`, "not of the epoch");
  }
  return { log, ref };
}

async function contentOf(
  run: Run,
  ref: ContentRef,
  validator: NeuronId,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<Uint8Array> {
  try {
    return await run.store.get(ref, { maxBytes: maxLogBytes, signal });
  } catch (cause) {
    if (cause instanceof ContentError)
      throw new EvaluationLogError("$", "its content is not canonical", cause);
    if (!(cause instanceof ContentMissingError)) throw cause;
    const message = `nobody serves the evaluation log of neuron ${validator} for epoch ${epoch} (${ref.cid})`;
    throw new RetryableError("EVALUATION_LOG_MISSING", message, {
      cause,
      data: { validator, epoch, cid: ref.cid },
      hint: "It is published with the reveal, in the second round of the next epoch; --gateway names who may have it.",
    });
  }
}
