import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hex } from "viem";
import { commitWeights } from "../chain/actions/commitWeights.ts";
import { revealWeights } from "../chain/actions/revealWeights.ts";
import type { SigningRun } from "../chain/run.ts";
import type { EvaluationBook } from "../database/evaluationBook.ts";
import type { Journal } from "../database/journal.ts";
import type { WeightsEntry } from "../database/journalEntries.ts";
import {
  formatEvaluationLog,
  type Machine,
  parseRoundEntry,
  type SignedCheckpoint,
} from "../evaluation/evaluationLog.ts";
import { rowFrom } from "../evaluation/logChecks.ts";
import type { RunFollower } from "../node/follower.ts";
import type { Run } from "../node/run.ts";
import { firstRoundOf, roundStart } from "../protocol/clock.ts";
import { weightsCommitment } from "../protocol/commitment.ts";
import type { Epoch, NeuronId } from "../protocol/quantities.ts";
import { writeFileAtomic } from "../runtime/files.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { refOf } from "../storage/contentRef.ts";
import type { CheckpointDuty } from "./checkpointDuty.ts";
import { recordLatency } from "./latency.ts";
import type { RoundEvaluator } from "./roundEvaluator.ts";

export interface WeightsDutyOptions {
  readonly run: Run;
  readonly validator: NeuronId;
  readonly follower: RunFollower;
  readonly evaluator: RoundEvaluator;
  readonly book: EvaluationBook;
  readonly journal: Journal;
  readonly signing: SigningRun;
  /** 32 random bytes. */
  readonly randomSalt: () => Hex;
  readonly log: Log;
  readonly metrics: Metrics;
  /** What computes this validator's losses. */
  readonly machine: Machine;
  readonly checkpointDuty: Pick<CheckpointDuty, "sign">;
  /** Folder of this worker: keeps the evaluation logs until they are published. */
  readonly folder: string;
}

/** A validator's row of an epoch: committed in the first round of the next, revealed in the second (DESIGN §4). */
export class WeightsDuty {
  readonly #options: WeightsDutyOptions;

  constructor(options: WeightsDutyOptions) {
    this.#options = options;
  }

  /** Commits the weights of `epoch` from what has been scored. What the journal holds for it stands. */
  async commit(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { validator, journal, signing, log } = this.#options;
    const entry = this.#known(epoch) ?? (await this.#plan(epoch, signal));
    if (entry === undefined || entry.status !== "planned") return;
    const { commitment, log: evaluationLog } = entry;
    const { digest: logDigest, size } = evaluationLog;
    const sent = await commitWeights(signing, { epoch, commitment, logDigest, logSize: size }, signal);
    journal.markWeights(epoch, "committed", sent.hash);
    const latencySeconds = this.#recordLatency("commitWeights", epoch, 0);
    log.info("weights committed", { epoch, validator, latencySeconds });
  }

  /** Reveals the row that the journal holds for `epoch`. */
  async reveal(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { journal, signing, log } = this.#options;
    const entry = this.#known(epoch);
    if (entry?.status !== "committed") return;
    const { row, salt } = entry;
    await this.#publishLog(epoch, signal);
    const sent = await revealWeights(signing, { epoch, row, salt }, signal);
    journal.markWeights(epoch, "revealed", sent.hash);
    const latencySeconds = this.#recordLatency("revealWeights", epoch, 1);
    log.info("weights revealed", { epoch, latencySeconds });
  }

  /** @param window round of the next epoch in which the duty is due */
  #recordLatency(duty: "commitWeights" | "revealWeights", epoch: Epoch, window: number): number | undefined {
    const { metrics, follower, signing } = this.#options;
    const due = roundStart(signing.clock, firstRoundOf(signing.clock, epoch + 1) + window);
    return recordLatency(metrics, follower, { duty, epoch }, due);
  }

  /** Not before the reveal: whoever reads the log can work out the row. A log that is lost must not cost the reveal. */
  async #publishLog(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { run, log } = this.#options;
    try {
      await run.store.put(await readFile(this.#logPath(epoch)), { signal });
    } catch (error) {
      signal.throwIfAborted();
      log.error("the evaluation log cannot be published", { epoch, error });
    }
  }

  /** What the journal holds, and a commitment that got onto the chain without the journal's learning of it. */
  #known(epoch: Epoch): WeightsEntry | undefined {
    const { journal, follower } = this.#options;
    const entry = journal.weights(epoch);
    if (entry?.status !== "planned") return entry;
    const onChain = follower.history.settled
      .weightCommits(epoch)
      .some(({ commitment }) => commitment === entry.commitment);
    if (onChain) journal.markWeights(epoch, "committed", undefined);
    return onChain ? journal.weights(epoch) : entry;
  }

  async #plan(epoch: Epoch, signal: AbortSignal): Promise<WeightsEntry | undefined> {
    const { run, validator, follower, evaluator, book, journal, metrics, log } = this.#options;
    const { manifest, contracts } = run;
    const first = firstRoundOf(contracts.clock, epoch);
    const rounds = book.entries(first, first + contracts.clock.tempo - 1).map(parseRoundEntry);
    if (rounds.length === 0) {
      log.warn("nothing was evaluated in this epoch, no weights", { epoch });
      return undefined;
    }
    const { metagraph } = follower.history;
    const neurons = metagraph.occupants(firstRoundOf(contracts.clock, epoch + 1));
    const columns = metagraph.uidCount();
    const { row, scores, weights } = rowFrom(evaluator.neuronStates(), neurons, columns, manifest);
    const evaluationLog = formatEvaluationLog({
      version: 3,
      manifestHash: run.manifestHash,
      validator,
      epoch,
      machine: this.#options.machine,
      checkpoint: await this.#signCheckpoint(epoch + 1, signal),
      rounds,
    });
    const content = refOf(evaluationLog);
    await writeFileAtomic(this.#logPath(epoch), [evaluationLog]);
    const salt = this.#options.randomSalt();
    const commitment = weightsCommitment({ ...run.weights, neuronId: validator, epoch }, row, salt);
    metrics.record({ type: "weights", epoch, scores, weights });
    return journal.planWeights({ epoch, neuronId: validator, salt, commitment, row, log: content });
  }

  /** A checkpoint that cannot be signed must not cost the weights. */
  async #signCheckpoint(epoch: Epoch, signal: AbortSignal): Promise<SignedCheckpoint | null> {
    const { checkpointDuty, log } = this.#options;
    try {
      return await checkpointDuty.sign(epoch, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.error("the checkpoint cannot be signed", { epoch, error });
      return null;
    }
  }

  #logPath(epoch: Epoch): string {
    return join(this.#options.folder, "logs", `epoch-${epoch}.json`);
  }
}
