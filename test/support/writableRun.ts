import { join } from "node:path";
import { saveWorkerState } from "../../workers/database/workerState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { rootOf, stateContent } from "../../workers/node/stateContent.ts";
import type { ProjectedRun } from "../../workers/projector/projectedRun.ts";
import type { WritableModel } from "../../workers/projector/text/textJob.ts";
import { writableModels } from "../../workers/projector/text/textModels.ts";
import type { Checkpoint } from "../../workers/protocol/checkpoint.ts";
import type { Round } from "../../workers/protocol/quantities.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { lively, tinyModel } from "./tinyModel.ts";
import { publishTinyRun } from "./tinyRun.ts";

const { signal } = new AbortController();

/**
 * A projected run of the tiny model in round 7: θ_0, checkpoints attested for rounds 2 and 4, and what a worker saved for
 * rounds 4, 6 and 9. Its content stands in `dir/content`, the worker's states in `dir/model`.
 */
export async function writableRun(dir: string) {
  const folder = join(dir, "model");
  const specs = parameterLayout(tinyModel);
  const store = await LocalStore.open(join(dir, "content"));
  const manifest = await publishTinyRun(store, signal);
  const attested: (Checkpoint & { readonly time: number })[] = [];
  for (const round of [2, 4]) {
    const theta = lively(tinyModel, round);
    const { digest, size } = await store.put(stateContent(theta), { signal });
    attested.push({
      round,
      stateRoot: rootOf(specs, theta),
      contentDigest: digest,
      contentSize: size,
      time: 1,
    });
  }
  const save = async (round: Round, theta: Tensors, needed: readonly Round[] = []) =>
    saveWorkerState(folder, { round, root: rootOf(specs, theta), step: 0, groups: { theta } }, needed);
  await save(4, lively(tinyModel, 40));
  await save(9, lively(tinyModel, 9), [4]);
  await save(6, lively(tinyModel, 6), [4, 9]);
  const reported = [
    { round: 6, loss: 2.5 },
    { round: 6, loss: 2.75 },
    { round: 6, loss: 9 },
  ].map((row) => ({ neuronId: 1n, ...row, row: JSON.stringify({ type: "heldOutLoss", ...row }) }));
  const projected = {
    run: { manifest, specs },
    now: { round: 7 },
    projection: {
      ofType: () => attested,
      reports: { ofType: (_: string, from: Round) => reported.filter(({ round }) => round === from) },
    },
  } as unknown as ProjectedRun;
  const models = await writableModels(projected, [folder]);
  return {
    projected,
    folder,
    settings: { folder: join(dir, "content"), ipfsApi: undefined, gateways: [] },
    models,
    /** What a request asks for, of the models of these rounds. */
    request: (...rounds: readonly Round[]) => ({
      models: rounds.map((round) => modelOf(models, round).stateRoot),
      prompt: "The ",
      tokens: 8,
      temperature: 0.7,
      topP: 0.95,
      seed: 1,
    }),
    /** The job that the service makes of it. */
    job: (...rounds: readonly Round[]) => ({
      models: rounds.map((round) => modelOf(models, round)),
      ...{ prompt: "The ", tokens: 8, temperature: 0.7, topP: 0.95, seed: 1, model: tinyModel },
      store: { folder: join(dir, "content"), ipfsApi: undefined, gateways: [] },
    }),
  };
}

function modelOf(models: readonly WritableModel[], round: Round): WritableModel {
  const found = models.find((model) => model.round === round);
  if (found === undefined) throw new Error(`no model of round ${round}`);
  return found;
}
