import { rowFrom } from "../../workers/evaluation/logChecks.ts";
import type { LossFunction } from "../../workers/evaluation/lossScore.ts";
import type { NeuronState } from "../../workers/evaluation/neuronState.ts";
import { evaluateRound } from "../../workers/evaluation/roundEvaluation.ts";
import { evaluationSample } from "../../workers/protocol/assignment.ts";
import type { RunManifest } from "../../workers/protocol/manifest.ts";
import type { NeuronId, Round } from "../../workers/protocol/quantities.ts";
import { unpackRow } from "../../workers/protocol/weights.ts";
import { labBeacon, type Market } from "./market.ts";

export type ScoringManifest = Pick<RunManifest, "scoring" | "outer">;

/** (uid, round) pairs of working miners, and those in which something was held against one. */
export interface Blame {
  pairs: number;
  penalised: number;
}

const noRoot = `0x${"00".repeat(32)}` as const;
const noLosses: LossFunction = async () => new Float64Array();

/** One validator's evaluation: the workers' own code from sample to row, with losses from the market. */
export class Judge {
  readonly #validator: number;
  readonly #manifest: ScoringManifest;
  readonly #seed: string;
  #states = new Map<NeuronId, NeuronState>();
  readonly blame: Blame = { pairs: 0, penalised: 0 };

  constructor(validator: number, manifest: ScoringManifest, seed: string) {
    this.#validator = validator;
    this.#manifest = manifest;
    this.#seed = seed;
  }

  /** Evaluates a round of the market. `worths` from `Market.worths`. */
  async evaluate(
    market: Market,
    worths: ReadonlyMap<NeuronId, number>,
    round: Round,
    epoch: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { scoring } = this.#manifest;
    const candidates = market.miners.map(({ uid, neuronId, registeredEpoch }) => ({
      uid,
      lastEvaluated: this.#states.get(neuronId)?.lastEvaluated ?? undefined,
      newcomer: epoch - registeredEpoch < scoring.newcomerEpochs,
    }));
    const validator = BigInt(this.#validator + 1);
    const sampled = evaluationSample(labBeacon(this.#seed, round), validator, round, candidates, scoring);
    const seats = new Set(sampled);
    const measured = market.miners.filter(({ uid }) => seats.has(uid));
    const { states, entry } = await evaluateRound(
      {
        round,
        epoch,
        theta: [],
        parentRoot: noRoot,
        neurons: new Map(market.miners.map(({ neuronId, uid }) => [neuronId, uid])),
        commits: market.commits(seats),
        gathered: [],
        sampled,
        earlier: [],
        unread: [],
        states: this.#states,
        zeroStateRoot: noRoot,
        randomSequences: [],
        ownSequences: async () => [],
        givenLosses: new Map(
          measured.map(({ neuronId }) => [
            neuronId,
            market.measure(worths.get(neuronId) ?? 0, round, this.#validator, neuronId),
          ]),
        ),
      },
      scoring,
      noLosses,
      signal,
    );
    this.#states = states;
    for (const { neuronId, penalties } of entry.neurons) {
      if (worths.get(neuronId) === 0) continue;
      this.blame.pairs += 1;
      if (penalties.length > 0) this.blame.penalised += 1;
    }
  }

  /** The row that follows from what was evaluated so far. */
  row(market: Market, columns: number): number[] {
    const neurons = new Map(market.miners.map(({ neuronId, uid }) => [neuronId, uid]));
    return unpackRow(rowFrom(this.#states, neurons, columns, this.#manifest).row, columns);
  }
}
