/** Steps of the bench in processes of their own: `node bench/aggregation/steps.ts JSON ANSWER`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SAMPLE_HEADER } from "../../test/support/pseudoGradients.ts";
import { encodeUpdate } from "../../workers/codec/update.ts";
import { defaultRunSettings } from "../../workers/model/defaults.ts";
import { uniform } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import type { Run } from "../../workers/node/run.ts";
import { sealUpdate } from "../../workers/node/sealing.ts";
import { rootOf } from "../../workers/node/stateContent.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import type { RevealedUpdate } from "../../workers/protocol/roundHistory.ts";
import { sizeOf, type Tensors, zeros } from "../../workers/protocol/tensors.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { refOf } from "../../workers/storage/contentRef.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { outerStep, streamedOuterStep } from "../../workers/training/outerStep.ts";
import { timedModels } from "../train/models.ts";

/** What a step is told. */
export interface StepTask {
  readonly step: "publish" | "stream" | "decodeAll";
  readonly dir: string;
  readonly model: string;
  readonly updates: number;
}

export interface StepFigures {
  readonly seconds: number;
  /** Most memory above what stood before the first update was read, bytes. */
  readonly addedBytes: number;
  readonly thetaBytes: number;
  readonly root: string;
}

const task: StepTask = JSON.parse(process.argv[2]);
const timed = timedModels.find(({ name }) => name === task.model);
if (timed === undefined) throw new RangeError(`no model ${task.model}`);
const specs = parameterLayout(timed.model);
const store = await LocalStore.open(join(task.dir, "content"));
const settings = defaultRunSettings(1);
const ledger = `0x${"11".repeat(20)}` as const;
// What an update reader needs of a run.
const run = {
  store,
  specs,
  manifestHash: SAMPLE_HEADER.manifestHash,
  manifest: { ...settings, limits: { maxUpdateBytes: 1 << 30 } },
  updates: { chainId: 1, ledger },
} as unknown as Run;
const { signal } = new AbortController();
const revealsFile = join(task.dir, "reveals.json");
const salt = `0x${"22".repeat(32)}` as const;

/** Values common to all updates and some of each one's own. */
async function publish(): Promise<void> {
  const reveals = [];
  for (let which = 0; which < task.updates; which++) {
    const [common, own] = [uniform(1), uniform(2 + which)];
    const dense: Tensors = specs.map((spec) =>
      Float32Array.from({ length: sizeOf(spec) }, () => 0.01 * (common() - 0.5) + 0.02 * (own() - 0.5)),
    );
    const neuronId = BigInt(which);
    const { round } = SAMPLE_HEADER;
    const { bytes } = encodeUpdate({ ...SAMPLE_HEADER, neuronId }, specs, dense, settings.compression);
    const { encrypted, dataRoot } = sealUpdate(run, bytes, neuronId, round, salt);
    await store.put(encrypted, { signal });
    const { digest, size } = refOf(encrypted);
    reveals.push({ round, neuronId: String(neuronId), uid: which, digest, size, dataRoot, salt });
  }
  writeFileSync(revealsFile, JSON.stringify(reveals));
}

async function aggregate(): Promise<StepFigures> {
  const reveals: RevealedUpdate[] = JSON.parse(readFileSync(revealsFile, "utf8"))
    .slice(0, task.updates)
    .map((reveal: { neuronId: string }) => ({ ...reveal, neuronId: BigInt(reveal.neuronId) }));
  const theta = zeros(specs).map((tensor) => tensor.fill(0.5));
  const before = process.resourceUsage().maxRSS * 1024;
  const reader = new UpdateReader(run, systemClock);
  const start = performance.now();
  let next: Tensors;
  if (task.step === "stream") {
    const opened = [];
    for (const reveal of reveals) opened.push(await reader.open(reveal, signal));
    next = streamedOuterStep(theta, opened, settings.outer).theta;
  } else {
    const decoded = [];
    for (const reveal of reveals) decoded.push((await reader.read(reveal, signal)).tensors);
    next = outerStep(theta, decoded, settings.outer);
  }
  const seconds = (performance.now() - start) / 1000;
  const addedBytes = process.resourceUsage().maxRSS * 1024 - before;
  const thetaBytes = theta.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { seconds, addedBytes, thetaBytes, root: rootOf(specs, next) };
}

if (task.step === "publish") await publish();
else writeFileSync(process.argv[3], JSON.stringify(await aggregate()));
