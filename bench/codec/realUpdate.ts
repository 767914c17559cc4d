import { SAMPLE_HEADER } from "../../test/support/pseudoGradients.ts";
import { encodeUpdate } from "../../workers/codec/update.ts";
import { defaultRunSettings } from "../../workers/model/defaults.ts";
import { initialState, uniform } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import { cpuDevice } from "../../workers/training/device.ts";
import { pseudoGradient, subtractSent, withErrorFeedback } from "../../workers/training/errorFeedback.ts";
import { openTrainer } from "../../workers/training/openTrainer.ts";
import { outerStep } from "../../workers/training/outerStep.ts";
import { zeroWorkerState } from "../../workers/training/workerState.ts";
import { batchOf, readText } from "../quality/text.ts";

/** Rounds after which an update is taken: the first ones are larger than those of most of a run. */
const ROUNDS = 6;
const SCHEDULE_ROUNDS = 18;

/** What a miner of the default run hands to the encoder: pseudo-gradient of H steps and error feedback, real text. */
export async function realUpdate(): Promise<Tensors> {
  const { model, training, compression, outer } = defaultRunSettings(SCHEDULE_ROUNDS);
  const specs = parameterLayout(model);
  const text = (await readText(undefined)).training;
  const trainer = await openTrainer(model, training, 1, cpuDevice);
  const random = uniform(1);
  const width = model.sequenceLength + 1;
  let theta = initialState(model, 1);
  let { moments, errorFeedback } = zeroWorkerState(specs);
  for (let round = 0; ; round++) {
    const batches = Array.from({ length: training.innerSteps }, () =>
      batchOf(text, training.batchSequences, width, random),
    );
    const own = theta.map((tensor) => tensor.slice());
    const firstStep = round * training.innerSteps;
    const task = { kind: "train", theta: own, moments, firstStep, batches } as const;
    const result = await trainer.train(
      task,
      () => false,
      () => {},
    );
    if (result === undefined) throw new Error("nobody aborts");
    const offered = withErrorFeedback(
      errorFeedback,
      pseudoGradient(theta, result.theta),
      compression.errorFeedback,
    );
    if (round === ROUNDS) return offered;
    const { tensors } = encodeUpdate(SAMPLE_HEADER, specs, offered, compression);
    theta = outerStep(theta, [tensors], outer);
    subtractSent(offered, tensors);
    errorFeedback = offered;
    moments = result.moments;
  }
}
