/**
 * Speed of the training engine: `npm run bench:train [-- --models 0.8M,24M] [--device cpu] [--threads N] [--json FILE]`.
 * Steps and forward passes are set against the best matrix product of the same run.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { profileOf } from "../workers/onnx/profiles.ts";
import { gradientError } from "../workers/training/deviceCheck.ts";
import { deviceChoices } from "../workers/training/devices.ts";
import { type ModelFigures, measureModel } from "./train/measure.ts";
import { timedModels } from "./train/models.ts";

const { values: given } = parseArgs({
  options: {
    models: { type: "string", default: "0.8M,24M" },
    device: { type: "string", default: "cpu" },
    half: { type: "boolean", default: false },
    threads: { type: "string", default: String(availableParallelism()) },
    steps: { type: "string", default: "20" },
    repeats: { type: "string", default: "5" },
    "processor-time": { type: "boolean", default: false },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (given.help) {
  console.log(`npm run bench:train -- [options]
  --models LIST    of ${timedModels.map(({ name }) => name).join(", ")} (default 0.8M,24M)
  --device DEVICE  cpu, cuda or webgpu (default cpu)
  --half           matrix products in 16 bit, where the device has them
  --threads N      threads of onnxruntime (default: all cores)
  --steps N        steps to time (default 20)
  --repeats N      times a round is measured, middles are told (default 5); 0 leaves it out
  --processor-time measure a round in seconds of processor, for a machine that others use; with --threads 1
  --json FILE      write the figures to FILE as well`);
  process.exit(0);
}

const provider = deviceChoices.find((choice) => choice === given.device);
if (provider === undefined || provider === "auto") throw new RangeError(`--device ${given.device}`);
const device = { provider, halfProducts: given.half };
const { halfProducts } = profileOf(provider, device);
const chosen = given.models.split(",").map((name) => {
  const model = timedModels.find((one) => one.name === name);
  if (model === undefined) throw new RangeError(`--models: no model ${name}`);
  return model;
});
const options = {
  device,
  threads: Number(given.threads),
  steps: Number(given.steps),
  repeats: Number(given.repeats),
  processorTime: given["processor-time"],
};

const models: ModelFigures[] = [];
const error = await gradientError(device);
console.log(`${provider}: largest relative error of a gradient against the CPU's ${error.toExponential(1)}`);
console.log(
  "model   parameters  tokens  step ms (best, middle)  tokens/s  of peak  forward  H steps  overhead  peak GFLOP/s",
);
for (const model of chosen) {
  const figures = await measureModel(model, options);
  models.push(figures);
  console.log(row(figures));
  save();
}

function save(): void {
  if (given.json === undefined) return;
  const report = { device: device.provider, halfProducts, gradientError: error, models };
  writeFileSync(given.json, `${JSON.stringify(report, null, 2)}\n`);
}

function row(figures: ModelFigures): string {
  const share = (value: number | undefined) => (value === undefined ? "–" : `${(value * 100).toFixed(1)} %`);
  return [
    figures.name.padEnd(6),
    String(figures.parameters).padStart(11),
    String(figures.tokensPerStep).padStart(7),
    `${figures.bestStepMs.toFixed(1)}, ${figures.medianStepMs.toFixed(1)}`.padStart(22),
    figures.tokensPerSecond.toFixed(0).padStart(10),
    share(figures.stepShareOfPeak).padStart(8),
    share(figures.forwardShareOfStep).padStart(8),
    share(figures.phaseShareOfSteps).padStart(8),
    share(figures.roundOverheadShare).padStart(9),
    figures.peakGflops.toFixed(0).padStart(12),
  ].join(" ");
}
