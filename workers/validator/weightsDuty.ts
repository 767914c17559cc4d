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
import { sendOnce } from "../node/sendOnce.ts";
import { firstRoundOf, roundStart } from "../protocol/clock.ts";
import { weightsCommitment } from "../protocol/commitment.ts";
import type { BlockTime, Epoch, NeuronId } from "../protocol/quantities.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { plainSteps, type Steps } from "../runtime/steps.ts";
import { refOf } from "../storage/contentRef.ts";
import type { CheckpointDuty } from "./checkpointDuty.ts";
import { recordLatency } from "./latency.ts";
import { OwnLogs } from "./ownLogs.ts";
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
  readonly steps?: Steps;
}

/** A validator's row of an epoch: committed in the first round of the next, revealed in the second (DESIGN §4). */
export class WeightsDuty {
  readonly #options: WeightsDutyOptions;
  readonly #logs: OwnLogs;

  constructor(options: WeightsDutyOptions) {
    this.#options = options;
    this.#logs = new OwnLogs(join(options.folder, "logs"));
  }

  /** Commits the weights of `epoch` from what has been scored, unless the chain has them. What the journal holds stands. */
  async commit(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { validator, journal, signing, follower, log } = this.#options;
    const entry = journal.weights(epoch) ?? (await this.#plan(epoch, signal));
    if (entry === undefined || this.#isCommitted(entry)) return;
    const { commitment, log: evaluationLog } = entry;
    const { digest: logDigest, size } = evaluationLog;
    const send = () => commitWeights(signing, { epoch, commitment, logDigest, logSize: size }, signal);
    const isThere = () => this.#isCommitted(entry);
    const until = this.#windowStart(epoch, 1);
    const sent = await sendOnce(follower, { send, refusal: "AlreadyCommitted", isThere, until }, signal);
    if (journal.weights(epoch)?.status === "planned") journal.markWeights(epoch, "committed", sent?.hash);
    const latencySeconds = this.#recordLatency("commitWeights", epoch, 0);
    log.info("weights committed", { epoch, validator, latencySeconds });
  }

  /** Reveals the row that the journal holds for `epoch`, unless the chain has it. */
  async reveal(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { journal, signing, follower, log } = this.#options;
    const entry = journal.weights(epoch);
    if (entry === undefined || this.#isRevealed(entry)) return;
    if (entry.status === "planned" && !this.#isCommitted(entry)) return;
    const { row, salt } = entry;
    await this.#publishLog(epoch, signal);
    const send = () => revealWeights(signing, { epoch, row, salt }, signal);
    const isThere = () => this.#isRevealed(entry);
    const until = this.#windowStart(epoch, 2);
    const sent = await sendOnce(follower, { send, refusal: "AlreadyRevealed", isThere, until }, signal);
    journal.markWeights(epoch, "revealed", sent?.hash);
    const latencySeconds = this.#recordLatency("revealWeights", epoch, 1);
    log.info("weights revealed", { epoch, latencySeconds });
  }

  /** Whether the chain has the commitment. A crash may have kept it from the journal, which then learns of it. */
  #isCommitted({ epoch, commitment }: WeightsEntry): boolean {
    const { journal, follower } = this.#options;
    const commits = follower.history.settled.weightCommits(epoch);
    if (!commits.some((commit) => commit.commitment === commitment)) return false;
    if (journal.weights(epoch)?.status === "planned") journal.markWeights(epoch, "committed", undefined);
    return true;
  }

  /** As `#isCommitted`, of the reveal. */
  #isRevealed({ epoch }: WeightsEntry): boolean {
    const { journal, follower, validator } = this.#options;
    const rows = follower.history.weightRows(epoch);
    if (!rows.some(({ neuronId }) => neuronId === validator)) return false;
    if (journal.weights(epoch)?.status !== "revealed") journal.markWeights(epoch, "revealed", undefined);
    return true;
  }

  /** Start of a round of the epoch after `epoch`, Unix seconds. */
  #windowStart(epoch: Epoch, window: number): BlockTime {
    const { clock } = this.#options.signing;
    return roundStart(clock, firstRoundOf(clock, epoch + 1) + window);
  }

  /** @param window round of the next epoch in which the duty is due */
  #recordLatency(duty: "commitWeights" | "revealWeights", epoch: Epoch, window: number): number | undefined {
    const { metrics, follower } = this.#options;
    return recordLatency(metrics, follower, { duty, epoch }, this.#windowStart(epoch, window));
  }

  /** Not before the reveal: whoever reads the log can work out the row. A log that is lost must not cost the reveal. */
  async #publishLog(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { run, log } = this.#options;
    try {
      await run.store.put(await this.#logs.read(epoch), { signal });
      await this.#logs.forgetBefore(epoch);
    } catch (error) {
      signal.throwIfAborted();
      log.error("the evaluation log cannot be published", { epoch, error });
    }
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
    await this.#logs.write(epoch, evaluationLog);
    const salt = this.#options.randomSalt();
    const commitment = weightsCommitment({ ...run.weights, neuronId: validator, epoch }, row, salt);
    metrics.record({ type: "weights", epoch, scores, weights });
    const plan = { epoch, neuronId: validator, salt, commitment, row, log: content };
    return (this.#options.steps ?? plainSteps).take("weights stored", () => journal.planWeights(plan));
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
}
