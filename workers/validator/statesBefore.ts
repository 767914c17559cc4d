import type { RoundEntry } from "../evaluation/evaluationLog.ts";
import type { NeuronState } from "../evaluation/neuronState.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { RunHistory } from "../protocol/runHistory.ts";

/**
 * States before a round from those after the last evaluated one. Whoever revealed in a round since, which was not
 * evaluated, has a worker state that is not known: it must not look broken.
 */
export function statesBefore(
  round: Round,
  after: ReadonlyMap<NeuronId, NeuronState>,
  history: RunHistory,
  entry: (round: Round) => RoundEntry | undefined,
): Map<NeuronId, NeuronState> {
  const states = new Map(after);
  for (const [neuronId, state] of after) {
    const last = history.rounds.lastRevealBefore(round, neuronId);
    if (last !== undefined && entry(last.round) === undefined)
      states.set(neuronId, { ...state, stateAfter: null });
  }
  return states;
}
