/**
 * Speed of the training engine: `npm run bench:train [-- --models 0.8M,24M] [--device cpu] [--threads N] [--json FILE]`.
 * Steps and forward passes are set against the best matrix product of the same run.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { atLeast } from "../workers/cli/commandLine.ts";
import { profileOf } from "../workers/onnx/profiles.ts";
import { gradientError } from "../workers/training/deviceCheck.ts";
import { deviceChoices } from "../workers/training/devices.ts";
import { benchCommand, listOf } from "./options.ts";
import { type ModelFigures, measureModel } from "./train/measure.ts";
import { timedModels } from "./train/models.ts";

const given = benchCommand(
  "train",
  "Speed of the training engine against the best matrix product of the same run.",
)
  .option("--models <list>", `of ${timedModels.map(({ name }) => name).join(", ")}`, listOf(String), [
    "0.8M",
    "24M",
  ])
  .option("--device <device>", "cpu, cuda or webgpu", "cpu")
  .option("--half", "matrix products in 16 bit, where the device has them", false)
  .option("--threads <n>", "threads of onnxruntime", atLeast(1), availableParallelism())
  .option("--steps <n>", "steps to time", atLeast(1), 20)
  .option("--repeats <n>", "times a round is measured, middles are told; 0 leaves it out", atLeast(0), 5)
  .option(
    "--processor-time",
    "measure a round in seconds of processor, for a machine that others use; with --threads 1",
    false,
  )
  .parse()
  .opts<{
    readonly models: readonly string[];
    readonly device: string;
    readonly half: boolean;
    readonly threads: number;
    readonly steps: number;
    readonly repeats: number;
    readonly processorTime: boolean;
    readonly json?: string;
  }>();
const provider = deviceChoices.find((choice) => choice === given.device);
if (provider === undefined || provider === "auto") throw new RangeError(`--device ${given.device}`);
const device = { provider, halfProducts: given.half };
const { halfProducts } = profileOf(provider, device);
const chosen = given.models.map((name) => {
  const model = timedModels.find((one) => one.name === name);
  if (model === undefined) throw new RangeError(`--models: no model ${name}`);
  return model;
});
const options = {
  device,
  threads: given.threads,
  steps: given.steps,
  repeats: given.repeats,
  processorTime: given.processorTime,
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
