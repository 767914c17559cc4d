import { parameterLayout } from "../model/layout.ts";
import { queryChunk } from "../onnx/attention.ts";
import { profileOf } from "../onnx/profiles.ts";
import { FatalError } from "../protocol/errors.ts";
import type { ModelSettings, RunManifest, TrainingSettings } from "../protocol/manifest.ts";
import { parameterCount } from "../protocol/tensors.ts";
import type { Device } from "./device.ts";

/** What a run needs of a device, and what could be done with less. */
interface Need {
  readonly model: ModelSettings;
  readonly training: TrainingSettings;
  readonly device: Device;
  readonly overlap?: Overlap;
}

/** Of the manifest: whether rounds begin with late steps. */
type Overlap = RunManifest["overlap"];

/**
 * The machine has less memory than training takes; `data` holds both in bytes, and as `fits` the largest micro-batch that the
 * machine has enough for, undefined where none is.
 */
export class EngineMemoryError extends FatalError {
  constructor(need: Need, needed: number, available: number) {
    super(
      "ENGINE_MEMORY",
      `Training this model takes about ${gigabytes(needed)} of memory; this machine has ${gigabytes(available)}.`,
      {
        data: { needed, available, fits: fittingMicroBatch(need, available) },
        hint: hintFor(need, available),
      },
    );
  }
}

/**
 * onnxruntime could not get memory that it asked for, on the host or on the device; `data` holds what one allocation asked for,
 * where that is known, and about how much a step takes there, in bytes.
 */
export class OutOfMemoryError extends FatalError {
  constructor(need: Need, requested: number | undefined, cause?: unknown) {
    const { provider } = need.device;
    const needed = stepBytes(need.model, need.training);
    const asked = requested === undefined ? "an allocation" : `an allocation of ${gigabytes(requested)}`;
    super(
      "ENGINE_OUT_OF_MEMORY",
      `Training engine: ${asked} failed on ${provider}; a step of this run takes about ${gigabytes(needed)} there.`,
      { data: { provider, requested, needed }, hint: hintFor(need, needed / 2), cause },
    );
  }
}

/** The largest micro-batch below the run's own that `available` bytes are enough for. */
function fittingMicroBatch(
  { model, training, device, overlap }: Need,
  available: number,
): number | undefined {
  const { batchSequences, microBatchSequences = batchSequences } = training;
  for (let sequences = microBatchSequences - 1; sequences > 0; sequences--) {
    if (batchSequences % sequences !== 0) continue;
    const smaller = { ...training, microBatchSequences: sequences };
    if (memoryNeeded(model, smaller, device, overlap) <= available) return sequences;
  }
  return undefined;
}

/** What to change so that `available` bytes are enough. */
function hintFor(need: Need, available: number): string {
  const { batchSequences, microBatchSequences = batchSequences } = need.training;
  const fits = fittingMicroBatch(need, available);
  const smaller =
    fits === undefined
      ? "join a run with a smaller model"
      : `ask the run's owner for training.microBatchSequences ${fits} (now ${microBatchSequences} of a batch of ${batchSequences})`;
  return need.device.provider === "cpu"
    ? `Use a machine with more memory, end what else takes it, or ${smaller}.`
    : `Use a device with more memory, --device cpu, end what else uses the device, or ${smaller}.`;
}

/** Bytes of one value. */
const FP32 = 4;
/** θ and both moments as given, and once more as a step's results. */
const STATE_COPIES = 6;
/** What late steps led to, θ and both moments, and what stood in for θ, until the round's other steps have theirs. */
const LATE_COPIES = 4;
/** Gradients, and what of AdamW's passes is alive beside them. */
const GRADIENT_COPIES = 2;
/** Logits, their logarithms, shares, ones at the labels and the gradient. */
const LOGIT_COPIES = 5;
/** What the allocator takes beyond what is asked of it: measured 1.36 at 0.8 M and at 25 M parameters. */
const ARENA = 4 / 3;
/** Node, onnxruntime and the graph. */
const BASE_BYTES = 150e6;

/**
 * Bytes of host memory that a worker takes while it trains, within a tenth of what was measured. On a GPU the
 * activations are the device's.
 */
export function memoryNeeded(
  model: ModelSettings,
  training: TrainingSettings,
  device: Device,
  overlap?: Overlap,
): number {
  const parameters = parameterCount(parameterLayout(model));
  const late = overlap === 1 && training.lateSteps !== 0 ? FP32 * LATE_COPIES * parameters : 0;
  if (device.provider !== "cpu") return FP32 * STATE_COPIES * parameters + late + BASE_BYTES;
  return ARENA * (stepBytes(model, training) + BASE_BYTES) + late;
}

/** Bytes of a step where it is computed: state, gradients and what the forward pass keeps for the backward one. */
function stepBytes(model: ModelSettings, training: TrainingSettings): number {
  const parameters = parameterCount(parameterLayout(model));
  const sequences = training.microBatchSequences ?? training.batchSequences;
  return FP32 * ((STATE_COPIES + GRADIENT_COPIES) * parameters + activations(model, sequences));
}

/** Values that the forward pass keeps for the backward one, and the largest that are alive beside them. */
function activations(model: ModelSettings, sequences: number): number {
  const { dim, hidden, heads, kvHeads, layers, vocab, sequenceLength: length } = model;
  const tokens = sequences * length;
  const keyWidth = (dim / heads) * kvHeads;
  // Stream, both norms, attention in and out; queries and keys before and after rotation; the feed-forward's four.
  const perToken = 10 * dim + 5 * keyWidth + 4 * hidden;
  const chunk = queryChunk(length, sequences * heads, profileOf("cpu").maxScores);
  const scores = sequences * heads * length * chunk;
  const keptScores = chunk === length ? 2 * layers * scores : 4 * scores;
  return layers * tokens * perToken + keptScores + LOGIT_COPIES * tokens * vocab;
}

/**
 * Refuses what cannot fit, before an hour is spent on loading it.
 * @param available bytes of memory of the machine
 * @throws EngineMemoryError
 */
export function requireMemory(
  model: ModelSettings,
  training: TrainingSettings,
  device: Device,
  available: number,
  overlap?: Overlap,
): void {
  const needed = memoryNeeded(model, training, device, overlap);
  if (needed > available)
    throw new EngineMemoryError({ model, training, device, overlap }, needed, available);
}

/** For people: three digits. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(3)} GB`;
}
