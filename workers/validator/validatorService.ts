import type { SigningRun } from "../chain/run.ts";
import type { RunFollower } from "../node/follower.ts";
import { repeatOnRewind } from "../node/sendOnce.ts";
import { agreementOf } from "../protocol/agreement.ts";
import {
  epochOf,
  epochStart,
  firstRoundOf,
  roundEnd,
  roundStart,
  roundWithinEpoch,
} from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import { ONE } from "../protocol/yuma.ts";
import type { Log } from "../runtime/log.ts";
import type { Duty, Metrics } from "../runtime/metrics.ts";
import type { AttestDuty } from "./attestDuty.ts";
import type { CheckpointDuty } from "./checkpointDuty.ts";
import type { HeldOutLoss } from "./heldOutLoss.ts";
import { recordLatency } from "./latency.ts";
import type { RoundEvaluator } from "./roundEvaluator.ts";
import type { SettleDuty } from "./settleDuty.ts";
import type { WeightsDuty } from "./weightsDuty.ts";

export interface ValidatorServiceOptions {
  readonly signing: SigningRun;
  readonly validator: NeuronId;
  readonly follower: RunFollower;
  readonly attestDuty: Pick<AttestDuty, "attest">;
  readonly evaluator: Pick<RoundEvaluator, "evaluate" | "unfinished">;
  readonly heldOut: Pick<HeldOutLoss, "record">;
  readonly weightsDuty: Pick<WeightsDuty, "commit" | "reveal">;
  readonly settleDuty: Pick<SettleDuty, "settle">;
  readonly checkpointDuty: Pick<CheckpointDuty, "submit">;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Refusals that concern one round only: what the contracts refused, and a round this validator is too late for. */
const passing: ReadonlySet<string> = new Set(["CONTRACT_REVERT", "STATE_TOO_OLD"]);

/**
 * A validator's duties, in three tasks that do not wait for each other: attesting, which has the shortest deadline;
 * evaluating and weighing; settling. A duty that fails is given up for its round, never the process.
 */
export class ValidatorService {
  readonly #options: ValidatorServiceOptions;
  /** Last settled epoch whose agreement is in the metrics. */
  #agreedUpTo = -1;

  constructor(options: ValidatorServiceOptions) {
    this.#options = options;
  }

  /** Runs until aborted. @throws FatalError for what only a person can mend */
  async run(signal: AbortSignal): Promise<void> {
    const { follower } = this.#options;
    const ended = new AbortController();
    const both = AbortSignal.any([signal, ended.signal]);
    await follower.sync(both);
    const start = follower.now()?.round ?? 0;
    const tasks = [this.#attest, this.#evaluateAndWeigh, this.#settle].map((task) =>
      task.call(this, start, both),
    );
    try {
      await Promise.all(tasks);
    } catch (error) {
      ended.abort(error);
      await Promise.allSettled(tasks);
      throw error;
    }
  }

  async #attest(start: Round, signal: AbortSignal): Promise<void> {
    const { signing, attestDuty } = this.#options;
    for (let round = start; ; round++) {
      await this.#waitForRound(round, signal);
      if (!this.#permitted(round)) continue;
      if (this.#isOver(round)) continue;
      const attest = () => this.#attempt("attest", round, signal, () => attestDuty.attest(round, signal));
      await repeatOnRewind(this.#options.follower, roundEnd(signing.clock, round), attest, signal);
    }
  }

  /** In each round the evaluation of those before that are not done, weights, and the held-out loss. */
  async #evaluateAndWeigh(start: Round, signal: AbortSignal): Promise<void> {
    const { signing, follower, evaluator, heldOut, weightsDuty } = this.#options;
    const { clock } = signing;
    for (let round = start; ; round++) {
      await this.#waitForRound(round, signal);
      const position = roundWithinEpoch(clock, round);
      const epoch = epochOf(clock, round) - 1;
      const due = this.#permitted(firstRoundOf(clock, epoch)) && position < 2;
      const reveals = () =>
        this.#attempt("revealWeights", round, signal, () => weightsDuty.reveal(epoch, signal));
      const commits = () =>
        this.#attempt("commitWeights", round, signal, () => weightsDuty.commit(epoch, signal));
      const { rewinds } = follower;
      if (due && position === 1) await reveals();
      const before = new Set([...evaluator.unfinished(round), ...(round > start ? [round - 1] : [])]);
      for (const past of before)
        await this.#attempt("evaluate", past, signal, () => this.#evaluate(past, signal));
      if (due && position === 0) await commits();
      await this.#attempt("heldOutLoss", round, signal, () => heldOut.record(round, signal));
      // What was sent may have vanished in a reorganisation, up to the end of the window.
      const again = async () => {
        if (due && follower.rewinds !== rewinds) await (position === 0 ? commits() : reveals());
      };
      await repeatOnRewind(follower, roundEnd(clock, round), again, signal);
    }
  }

  async #settle(start: Round, signal: AbortSignal): Promise<void> {
    const { signing, settleDuty, checkpointDuty } = this.#options;
    for (let epoch = Math.max(0, epochOf(signing.clock, start) - 1); ; epoch++) {
      const work = async () => {
        await this.#attempt("settle", epoch, signal, () => settleDuty.settle(epoch, signal));
        await this.#attempt("checkpoint", epoch, signal, () => checkpointDuty.submit(epoch, signal));
        await this.#attempt("agreement", epoch, signal, () => this.#recordAgreements(start, signal));
      };
      await repeatOnRewind(this.#options.follower, epochStart(signing.clock, epoch + 2), work, signal);
    }
  }

  /** How much of this validator's row consensus left standing, once for every epoch settled since `start`. */
  async #recordAgreements(start: Round, signal: AbortSignal): Promise<void> {
    const { follower, validator, metrics, log } = this.#options;
    await follower.sync(signal);
    const { history } = follower;
    for (const settlement of history.settlements) {
      const { epoch, round, validatorNeuronIds, dividends } = settlement;
      if (round < start || epoch <= this.#agreedUpTo) continue;
      this.#agreedUpTo = epoch;
      const share = agreementOf(history, settlement, validator);
      if (share === undefined) continue;
      const agreement = Number(share) / Number(ONE);
      const dividend = dividends[validatorNeuronIds.indexOf(validator)] ?? 0n;
      metrics.record({ type: "agreement", epoch, agreement, dividendShare: Number(dividend) / Number(ONE) });
      log.info("agreement with consensus", { epoch, agreement });
    }
  }

  async #evaluate(round: Round, signal: AbortSignal): Promise<void> {
    const { signing, follower, evaluator, metrics, log } = this.#options;
    const entry = await evaluator.evaluate(round, signal);
    const due = roundEnd(signing.clock, round);
    const latencySeconds = recordLatency(metrics, follower, { duty: "evaluate", round }, due);
    const scores = entry.neurons.map(({ uid, score, penalties, losses, copyOf }) => ({
      uid,
      score,
      penalties,
      losses,
      ...(copyOf === null ? {} : { copyOf: copyOf.neuronId }),
    }));
    metrics.record({ type: "evaluation", round, scores });
    log.info("round evaluated", { round, sampled: entry.sampled, latencySeconds });
  }

  async #waitForRound(round: Round, signal: AbortSignal): Promise<void> {
    await this.#options.follower.untilTime(roundStart(this.#options.signing.clock, round), signal);
  }

  #isOver(round: Round): boolean {
    return this.#options.follower.syncedTime >= roundEnd(this.#options.signing.clock, round);
  }

  #permitted(round: Round): boolean {
    const { signing, validator, follower } = this.#options;
    const permits = follower.history.permits(epochOf(signing.clock, round));
    return permits.some((uid) => follower.history.occupant(uid, round) === validator);
  }

  async #attempt(duty: Duty, round: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WeftError && (error.retryable || passing.has(error.code)))) throw error;
      this.#options.log.warn("duty missed", { duty, round, error });
      this.#options.metrics.record({ type: "dutyMissed", duty, round, code: error.code });
    }
  }
}
