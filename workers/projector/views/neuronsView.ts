import type { Neuron } from "../../protocol/metagraphHistory.ts";
import type { NeuronId } from "../../protocol/quantities.ts";
import { incentiveOf } from "../../protocol/settlementHistory.ts";
import { weftJson } from "../../protocol/tokenAmount.ts";
import { ONE } from "../../protocol/yuma.ts";
import type { NeuronRow, NeuronsPage } from "../api.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { epochNow } from "./epochNow.ts";
import { median, penaltiesOf, type ReportedScore, scoresOf } from "./scores.ts";

/** Who holds a uid now, ascending by uid. */
export function neuronsView(projected: ProjectedRun): NeuronsPage {
  const row = rowsOf(projected);
  const neurons = projected.standing.metagraph.holders().map(row);
  return { epoch: epochNow(projected), neurons };
}

/** Makes rows of neurons, also of those that lost their uid. */
export function rowsOf(projected: ProjectedRun): (neuron: Neuron) => NeuronRow {
  const { projection, standing } = projected;
  const epoch = epochNow(projected);
  const permits = new Set(standing.permits(epoch));
  const permitsNext = new Set(standing.permits(epoch + 1));
  const settled = standing.settlements.at(-1);
  const dividends = new Map<NeuronId, bigint>(
    settled?.validatorNeuronIds.map((id, index) => [id, settled.dividends[index]]),
  );
  const scored = projection.reports.lastReported("evaluation");
  const scores = scored === undefined ? undefined : scoresOf(projection, scored, scored);
  const lastScores = (uid: number): readonly ReportedScore[] => scores?.(scored ?? 0, uid) ?? [];
  return ({ neuronId, uid, hotkey, coldkey, registeredAt }) => {
    const holds = standing.metagraph.holder(uid)?.neuronId === neuronId;
    const { incentive, dividend, claimed } = standing.settled.earnings(neuronId);
    const identity = projection.identity(neuronId);
    const last = holds ? lastScores(uid) : [];
    return {
      uid,
      neuronId: String(neuronId),
      name: identity?.name ?? "",
      url: identity?.url ?? "",
      hotkey,
      coldkey,
      role: holds && permits.has(uid) ? "validator" : "miner",
      permittedNext: holds && permitsNext.has(uid),
      stake: weftJson(standing.metagraph.stake(neuronId)),
      incentive: settled === undefined ? 0 : share(incentiveOf(settled, uid, neuronId)),
      dividend: share(dividends.get(neuronId) ?? 0n),
      earned: weftJson(incentive + dividend),
      claimed: weftJson(claimed),
      lastUpdate: projection.lastReveal(neuronId) ?? null,
      score: median(last.map(({ score }) => score)),
      penalties: penaltiesOf(last),
      registeredAt,
    };
  };
}

/** A Q32 share as a number. */
export function share(q32: bigint): number {
  return Number(q32) / Number(ONE);
}

/** Each number's part of their sum; zeros where that is zero. */
export function sharesOf(weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => (sum === 0 ? 0 : weight / sum));
}
