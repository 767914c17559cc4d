import { gatheredUids } from "../node/gatheredUids.ts";
import { roundEnd } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import { type RoundStatus, roundStatus } from "../protocol/neuronStatus.ts";
import type { NeuronId, Round, Uid } from "../protocol/quantities.ts";
import type { RunHistory } from "../protocol/runHistory.ts";
import type { ProjectedRun } from "./projectedRun.ts";

/** What became of a neuron in a round. */
export interface NeuronOutcome extends RoundStatus {
  /** Of its revealed update; undefined where there is none. */
  readonly bytes: number | undefined;
}

/** A round, neuron by neuron. */
export type RoundOutcome = ReadonlyMap<NeuronId, NeuronOutcome>;

/** Rounds that are remembered. */
const mostKept = 512;

/** What became of every neuron's rounds. Of rounds that are over it is found once: it is final. */
export class RoundOutcomes {
  readonly #projected: ProjectedRun;
  /** Replaced with the chain: what is still being found on the old one is kept nowhere. */
  #kept = new Map<Round, RoundOutcome>();

  constructor(projected: ProjectedRun) {
    this.#projected = projected;
  }

  /** Blocks were replaced: nothing is final. */
  forget(): void {
    this.#kept = new Map();
  }

  /** Rounds `from` … `to`, ascending. @throws as `readBlock` */
  async of(from: Round, to: Round, signal: AbortSignal): Promise<readonly RoundOutcome[]> {
    const rounds = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const found = new Map(rounds.map((round) => [round, this.#kept.get(round)]));
    const missing = rounds.filter((round) => found.get(round) === undefined);
    if (missing.length > 0) {
      const { history } = this.#projected.window(missing[0], missing[missing.length - 1]);
      for (const round of missing) found.set(round, await this.in(history, round, signal));
    }
    return rounds.map((round) => found.get(round) ?? new Map());
  }

  /** A round of a history that has it whole. @throws as `readBlock` */
  async in(history: RunHistory, round: Round, signal: AbortSignal): Promise<RoundOutcome> {
    const known = this.#kept.get(round);
    if (known !== undefined) return known;
    const kept = this.#kept;
    const gathered = await this.#gathered(history, round, signal);
    const ids = [...history.metagraph.occupants(round).keys()];
    const outcome = new Map(
      ids.map((neuronId) => {
        const bytes = history.rounds.reveal(round, neuronId)?.size;
        return [neuronId, { ...roundStatus(history, neuronId, round, gathered), bytes }];
      }),
    );
    if (gathered !== undefined) {
      if (kept.size >= mostKept) kept.clear();
      kept.set(round, outcome);
    }
    return outcome;
  }

  /** The gather set; undefined while it is not known. */
  async #gathered(
    history: RunHistory,
    round: Round,
    signal: AbortSignal,
  ): Promise<readonly Uid[] | undefined> {
    const { run, head } = this.#projected;
    if ((head?.timestamp ?? 0) < roundEnd(run.contracts.clock, round)) return undefined;
    try {
      return await gatheredUids({ run, beacons: this.#projected.beacons(history), history }, round, signal);
    } catch (error) {
      if (error instanceof WeftError && error.code === "BEACON_OPEN") return undefined;
      throw error;
    }
  }
}
