/**
 * Size, error and speed of the update codec: `npm run bench:codec [-- --json FILE]`, on an update of the default run and on
 * synthetic heavy-tailed ones of other sizes. Speeds are gigabytes of dense fp32
 * represented per second on one thread, the best of several runs; encode is quantising and coding without selection, decode includes
 * adding the values to dense tensors.
 */
import { writeFileSync } from "node:fs";
import { llamaSpecs } from "../test/support/pseudoGradients.ts";
import type { CodecSettings } from "../workers/codec/settings.ts";
import { defaultRunSettings } from "../workers/model/defaults.ts";
import { parameterLayout } from "../workers/model/layout.ts";
import type { TensorSpec } from "../workers/protocol/tensors.ts";
import { DEFAULT, measure } from "./codec/measure.ts";
import { realUpdate } from "./codec/realUpdate.ts";
import { benchCommand } from "./options.ts";

const HIGH: CodecSettings = { topK: 26, chunk: 4096 };
const flags = benchCommand("codec", "Size, error and speed of the update codec, on one thread.")
  .parse()
  .opts<{ readonly json?: string }>();
const models: [string, TensorSpec[]][] = [
  ["dim 96, 3 layers", llamaSpecs(96, 3, 256)],
  ["dim 128, 4 layers", llamaSpecs(128, 4, 384)],
  ["dim 256, 8 layers", llamaSpecs(256, 8, 704)],
];
const real = await realUpdate();
const realSpecs = parameterLayout(defaultRunSettings(1).model);
const standard = measure("default run, real", realSpecs, DEFAULT, real);
const high = measure("default run, real", realSpecs, HIGH, real);
const synthetic = models.flatMap(([model, specs]) => [
  measure(model, specs, DEFAULT),
  measure(model, specs, HIGH),
]);
const results = [standard, high, ...synthetic];
const rounded = results.map((result) =>
  Object.fromEntries(
    Object.entries(result).map(([key, value]) => [
      key,
      typeof value === "number" ? Number(value.toPrecision(4)) : value,
    ]),
  ),
);
console.table(rounded);
if (flags.json !== undefined) {
  writeFileSync(flags.json, `${JSON.stringify({ default: standard, high, results }, undefined, 2)}\n`);
}
