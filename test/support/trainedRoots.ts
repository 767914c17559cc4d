/**
 * Trains a tiny model with three workers and prints the roots of θ and of every worker's state, one round a line:
 * `node test/support/trainedRoots.ts ROUNDS THREADS`.
 */
import { decodeUpdate, encodeUpdate } from "../../workers/codec/update.ts";
import { initialState } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { stateRoot } from "../../workers/protocol/stateRoot.ts";
import { Engine } from "../../workers/training/engine.ts";
import { pseudoGradient, subtractSent, withErrorFeedback } from "../../workers/training/errorFeedback.ts";
import { outerStep } from "../../workers/training/outerStep.ts";
import { workerStateRoot, zeroWorkerState } from "../../workers/training/workerState.ts";
import { SAMPLE_HEADER } from "./pseudoGradients.ts";
import { countingSequences, tinyModel, tinyTraining } from "./tinyModel.ts";

const WORKERS = 3;
const SETTINGS = { topK: 8, chunk: 256 };
const OUTER = { learningRate: 0.9, averaging: "gathered" } as const;
const [rounds, threads] = process.argv.slice(2).map(Number);

const specs = parameterLayout(tinyModel);
const { innerSteps, batchSequences } = tinyTraining;
const engine = new Engine({ model: tinyModel, training: tinyTraining, threads });
const states = Array.from({ length: WORKERS }, () => zeroWorkerState(specs));
let theta = initialState(tinyModel, 1);
for (let round = 0; round < rounds; round++) {
  const updates = [];
  for (const [index, { moments, errorFeedback }] of states.entries()) {
    const batches = Array.from({ length: innerSteps }, (_, step) =>
      countingSequences(
        batchSequences,
        tinyModel.sequenceLength,
        (round * WORKERS + index) * innerSteps + step,
      ),
    );
    const { signal } = new AbortController();
    const phase = { theta, moments, firstStep: round * innerSteps, batches, signal };
    const trained = await engine.trainInner(phase);
    const offered = withErrorFeedback(errorFeedback, pseudoGradient(theta, trained.theta), 0.95);
    const { bytes, tensors } = encodeUpdate(SAMPLE_HEADER, specs, offered, SETTINGS);
    subtractSent(offered, tensors);
    states[index] = { errorFeedback: offered, moments: trained.moments };
    updates.push(decodeUpdate(bytes, { specs, ...SETTINGS, maxBytes: bytes.length }).tensors);
  }
  theta = outerStep(theta, updates, OUTER);
  const root = stateRoot(specs.map(({ name }, index) => ({ name, values: theta[index] })));
  console.log([root, ...states.map((state) => workerStateRoot(specs, state))].join(" "));
}
await engine.close();
