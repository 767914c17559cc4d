import { epochOf } from "../../protocol/clock.ts";
import type { Neuron } from "../../protocol/metagraphHistory.ts";
import type { NeuronId } from "../../protocol/quantities.ts";
import { incentiveOf, type Settlement } from "../../protocol/settlementHistory.ts";
import { weftJson } from "../../protocol/tokenAmount.ts";
import { unpackRow } from "../../protocol/weights.ts";
import type { NeuronEpoch, NeuronPage, NeuronRound } from "../api.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { Refusal } from "../refusal.ts";
import { byEpoch } from "./epochsView.ts";
import { rowsOf, share, sharesOf } from "./neuronsView.ts";
import { median, penaltiesOf, scoresOf, shownOutcomes } from "./scores.ts";

const shownRounds = 24;
const shownEpochs = 40;
/** Epochs of which a validator's weights are shown. */
const shownWeights = 3;

/** A neuron's last rounds and epochs. @throws Refusal UNKNOWN_NEURON; as `readBlock` */
export async function neuronView(
  projected: ProjectedRun,
  neuronId: NeuronId,
  signal: AbortSignal,
): Promise<NeuronPage> {
  const neuron = knownNeuron(projected, neuronId);
  return {
    neuron: rowsOf(projected)(neuron),
    holds: projected.standing.metagraph.holder(neuron.uid)?.neuronId === neuronId,
    rounds: await roundsOf(projected, neuron, signal),
    epochs: epochsOf(projected, neuron),
  };
}

/** @throws Refusal UNKNOWN_NEURON */
export function knownNeuron({ standing }: ProjectedRun, neuronId: NeuronId): Neuron {
  const neuron = standing.metagraph.neuron(neuronId);
  if (neuron !== undefined) return neuron;
  throw new Refusal(
    404,
    "UNKNOWN_NEURON",
    `there is no neuron ${neuronId}`,
    "The metagraph lists who takes part.",
  );
}

async function roundsOf(
  { now, projection, outcomes }: ProjectedRun,
  { neuronId, uid }: Neuron,
  signal: AbortSignal,
): Promise<NeuronRound[]> {
  if (now === undefined) return [];
  const first = Math.max(0, now.round - shownRounds + 1);
  const scores = scoresOf(projection, first, now.round);
  const shown = shownOutcomes(projection, first, now.round);
  const found = await outcomes.of(first, now.round, signal);
  return found.map((outcome, index) => {
    const round = first + index;
    const reported = scores(round, uid);
    const own = outcome.get(neuronId);
    return {
      round,
      outcome: shown(own?.outcome ?? "absent", round, uid),
      attestedShare: own?.attestedShare ?? 0,
      bytes: own?.bytes ?? null,
      score: median(reported.map(({ score }) => score)),
      penalties: penaltiesOf(reported),
    };
  });
}

function epochsOf({ standing, projection, run, now }: ProjectedRun, neuron: Neuron): NeuronEpoch[] {
  const settlements = standing.settlements.slice(-shownEpochs);
  const first = settlements[0]?.epoch ?? 0;
  const credits = byEpoch(projection.ofType("Credited", first));
  const recent = now === undefined ? 0 : epochOf(run.contracts.clock, now.round) - shownWeights;
  const rows = new Map(
    projection
      .ofType("WeightsRevealed", recent)
      .filter(({ neuronId }) => neuronId === neuron.neuronId)
      .map(({ epoch, row }) => [epoch, row]),
  );
  return settlements.map((settlement) => {
    const { epoch } = settlement;
    const { miners = [], validators = [] } = credits.get(epoch) ?? {};
    const incentive = miners.find(({ neuronId }) => neuronId === neuron.neuronId)?.incentive ?? 0n;
    const credit = validators.find(({ neuronId }) => neuronId === neuron.neuronId);
    const row = rows.get(epoch);
    return {
      epoch,
      stake: weftJson(standing.stakeAt(neuron.neuronId, epoch)),
      incentive: weftJson(incentive),
      dividend: weftJson(credit?.dividend ?? 0n),
      take: weftJson(credit?.take ?? 0n),
      incentiveShare: share(incentiveOf(settlement, neuron.uid, neuron.neuronId)),
      permitted: settlement.validatorNeuronIds.includes(neuron.neuronId),
      weights: row === undefined ? null : againstConsensus(settlement, row),
    };
  });
}

function againstConsensus({ neuronIds, consensus }: Settlement, row: `0x${string}`) {
  const weights = sharesOf(unpackRow(row, neuronIds.length));
  const pairs = weights.map((weight, uid) => ({ uid, weight, consensus: share(consensus[uid] ?? 0n) }));
  return pairs.filter(({ weight, consensus }) => weight > 0 || consensus > 0);
}
