import { firstRoundOf } from "../../protocol/clock.ts";
import type { Epoch, NeuronId } from "../../protocol/quantities.ts";
import { receiptOf } from "../../validator/receipt.ts";
import { receiptJson } from "../../validator/receiptJson.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { Refusal } from "../refusal.ts";
import { epochNow } from "./epochNow.ts";
import { knownNeuron } from "./neuronView.ts";

/**
 * Why a neuron was paid what it was for an epoch, as `npx hardhat explain --json` prints it.
 * @throws Refusal UNKNOWN_NEURON, UNKNOWN_EPOCH; as `receiptOf`
 */
export async function receiptView(
  projected: ProjectedRun,
  neuronId: NeuronId,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const { uid } = knownNeuron(projected, neuronId);
  const now = epochNow(projected);
  const { run, dataset, head } = projected;
  if (epoch > now || head === undefined)
    throw new Refusal(404, "UNKNOWN_EPOCH", `epoch ${epoch} has not begun`, `It is epoch ${now}.`);
  const first = firstRoundOf(run.contracts.clock, epoch);
  const { history, events } = projected.window(first, first + run.contracts.clock.tempo - 1);
  const beacons = projected.beacons(history);
  const facts = (aborted: AbortSignal) => projected.parameters.facts(head.number, aborted);
  const sources = { run, dataset, beacons, history, events, time: head.timestamp, facts };
  return receiptJson(await receiptOf(sources, uid, epoch, signal));
}
