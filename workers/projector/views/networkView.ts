import { readIssuance } from "../../chain/actions/readSettlementFacts.ts";
import { halvingsAt } from "../../protocol/emission.ts";
import { parameterCount } from "../../protocol/tensors.ts";
import { weftJson } from "../../protocol/tokenAmount.ts";
import { refFor } from "../../storage/contentRef.ts";
import type { CheckpointRow, Network } from "../api.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { epochNow } from "./epochNow.ts";

const bytesPerParameter = 4;

/** The run as a whole. @throws as `readIssuance` */
export async function networkView(projected: ProjectedRun, signal: AbortSignal): Promise<Network> {
  const { run, standing } = projected;
  const { contracts, manifest } = run;
  const { model, training, outer } = manifest;
  const parameters = parameterCount(run.specs);
  const holders = standing.metagraph.holders();
  const stake = holders.reduce((sum, { neuronId }) => sum + standing.metagraph.stake(neuronId), 0n);
  return {
    clock: contracts.clock,
    addresses: { ...contracts.addresses },
    model: {
      parameters,
      layers: model.layers,
      dim: model.dim,
      sequenceLength: model.sequenceLength,
    },
    training: {
      innerSteps: training.innerSteps,
      batchSequences: training.batchSequences,
      gatherSize: outer.gatherSize,
      tokensPerUpdate: training.innerSteps * training.batchSequences * model.sequenceLength,
      denseBytes: parameters * bytesPerParameter,
    },
    participants: {
      neurons: holders.length,
      validators: standing.permits(epochNow(projected)).length,
      stake: weftJson(stake),
    },
    issuance: await issuance(projected, signal),
    checkpoints: checkpointsOf(projected),
  };
}

async function issuance({ run, head }: ProjectedRun, signal: AbortSignal): Promise<Network["issuance"]> {
  const { rules, issued } = await readIssuance(run.contracts, head?.number ?? 0n, signal);
  const halvings = halvingsAt(issued, rules.cap);
  return {
    cap: weftJson(rules.cap),
    issued: weftJson(issued),
    rate: weftJson(rules.baseRate >> BigInt(halvings)),
    halvesAt: weftJson(rules.cap - (rules.cap >> BigInt(halvings + 1))),
  };
}

function checkpointsOf({ projection }: ProjectedRun): CheckpointRow[] {
  return projection
    .ofType("CheckpointAttested")
    .map(({ round, stateRoot, contentDigest, contentSize, time }) => ({
      round,
      stateRoot,
      cid: refFor(contentDigest, contentSize).cid,
      size: contentSize,
      time,
    }));
}
