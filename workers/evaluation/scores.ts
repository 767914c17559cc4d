import type { ScoringSettings } from "../protocol/manifest.ts";
import type { NeuronId, Uid } from "../protocol/quantities.ts";
import type { NeuronState } from "./neuronState.ts";
import { scoreOf } from "./score.ts";

/** Scores by uid, `columns` of them; 0 where nobody is known. */
export function scoresByUid(
  states: ReadonlyMap<NeuronId, NeuronState>,
  neurons: ReadonlyMap<NeuronId, Uid>,
  columns: number,
  settings: Pick<ScoringSettings, "ratingShift">,
): number[] {
  const scores = new Array<number>(columns).fill(0);
  for (const [neuronId, uid] of neurons) {
    const state = states.get(neuronId);
    if (state !== undefined && uid < columns) scores[uid] = scoreOf(state, settings);
  }
  return scores;
}
