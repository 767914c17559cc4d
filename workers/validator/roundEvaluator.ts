import type { EvaluationBook } from "../database/evaluationBook.ts";
import { formatRoundEntry, parseRoundEntry, type RoundEntry } from "../evaluation/evaluationLog.ts";
import type { LossFunction } from "../evaluation/lossScore.ts";
import { formatNeuronState, type NeuronState, parseNeuronState } from "../evaluation/neuronState.ts";
import { evaluateRound } from "../evaluation/roundEvaluation.ts";
import { roundEnd } from "../protocol/clock.ts";
import type { BlockTime, NeuronId, Round } from "../protocol/quantities.ts";
import { plainSteps, type Steps } from "../runtime/steps.ts";
import type { Auditor } from "./auditor.ts";
import { RoundSources, type RoundSourcesOptions } from "./roundSources.ts";
import { statesBefore } from "./statesBefore.ts";

export interface RoundEvaluatorOptions extends RoundSourcesOptions {
  readonly book: EvaluationBook;
  readonly losses: LossFunction;
  readonly auditor: Pick<Auditor, "findings">;
  readonly steps?: Steps;
}

/** Evaluates rounds one after another (DESIGN §10, steps 1 to 5) and writes what it found into the book. */
export class RoundEvaluator {
  readonly #options: RoundEvaluatorOptions;
  readonly #sources: RoundSources;

  constructor(options: RoundEvaluatorOptions) {
    this.#options = options;
    this.#sources = new RoundSources(options);
    options.follower.onRewind(({ timestamp }) => this.#forget(timestamp));
  }

  /**
   * Takes back what was found in rounds that ended after `time`, the last one first: a reorganisation replaced what it came
   * from. They become `unfinished`.
   */
  #forget(time: BlockTime): void {
    const { book, run } = this.#options;
    for (let last = book.lastRound(); last !== undefined; last = book.lastRound()) {
      const entry = this.#entry(last);
      if (entry === undefined || roundEnd(run.contracts.clock, last) <= time) return;
      const before = entry.neurons.map(({ neuronId, before: standing }) => ({
        neuronId,
        text: formatNeuronState({ neuronId, ...standing }),
      }));
      book.forget(last, before);
    }
  }

  /** States of all neurons after the last evaluated round. */
  neuronStates(): Map<NeuronId, NeuronState> {
    const states = this.#options.book.states().map(parseNeuronState);
    return new Map(states.map((state) => [state.neuronId, state]));
  }

  /**
   * Rounds before `round` that a validator which stopped left undone: of the last two, for which there is still a state.
   * None for one that has never evaluated.
   */
  unfinished(round: Round): Round[] {
    const last = this.#options.book.lastRound();
    if (last === undefined) return [];
    const first = Math.max(last + 1, round - 2);
    return Array.from({ length: Math.max(0, round - first) }, (_, index) => first + index);
  }

  /**
   * Evaluates a round that is over, from the state at its start. A round already in the book is left as it is.
   * @returns what was found
   */
  async evaluate(round: Round, signal: AbortSignal): Promise<RoundEntry> {
    const { run, book, beacons, follower, losses, auditor, steps = plainSteps } = this.#options;
    const known = this.#entry(round);
    if (known !== undefined) return known;
    const { rewinds } = follower;
    // The events of the whole round first: what follows looks back from its end.
    await beacons.of("eval", round, signal);
    const findings = {
      entry: (past: Round) => this.#entry(past),
      states: statesBefore(round, this.neuronStates(), follower.history, (past) => this.#entry(past)),
    };
    const inputs = await this.#sources.inputs(round, findings, signal);
    const audits = await auditor.findings(round - 1, signal);
    const outcome = await evaluateRound({ ...inputs, audits }, run.manifest.scoring, losses, signal);
    if (rewinds !== follower.rewinds) return this.evaluate(round, signal);
    const after = [...outcome.states.values()].map((changed) => ({
      neuronId: changed.neuronId,
      text: formatNeuronState(changed),
    }));
    await steps.take("score written", () => book.record(round, formatRoundEntry(outcome.entry), after));
    return outcome.entry;
  }

  #entry(round: Round): RoundEntry | undefined {
    const text = this.#options.book.entry(round);
    return text === undefined ? undefined : parseRoundEntry(text);
  }
}
