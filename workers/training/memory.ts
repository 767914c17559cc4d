import { parameterLayout } from "../model/layout.ts";
import { queryChunk } from "../onnx/attention.ts";
import { profileOf } from "../onnx/profiles.ts";
import { FatalError } from "../protocol/errors.ts";
import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import { parameterCount } from "../protocol/tensors.ts";
import type { Device } from "./device.ts";

/** The machine has less memory than training takes; `data` holds both in bytes. */
export class EngineMemoryError extends FatalError {
  constructor(needed: number, available: number) {
    super(
      "ENGINE_MEMORY",
      `Training this model takes about ${gigabytes(needed)} of memory; this machine has ${gigabytes(available)}.`,
      {
        data: { needed, available },
        hint: "Use a machine with more memory, or join a run with a smaller model.",
      },
    );
  }
}

/** Bytes of one value. */
const FP32 = 4;
/** θ and both moments as given, and once more as a step's results. */
const STATE_COPIES = 6;
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
export function memoryNeeded(model: ModelSettings, training: TrainingSettings, device: Device): number {
  const parameters = parameterCount(parameterLayout(model));
  const state = STATE_COPIES * parameters;
  if (device.provider !== "cpu") return FP32 * state + BASE_BYTES;
  const sequences = training.microBatchSequences ?? training.batchSequences;
  const values = state + GRADIENT_COPIES * parameters + activations(model, sequences);
  return ARENA * (FP32 * values + BASE_BYTES);
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
): void {
  const needed = memoryNeeded(model, training, device);
  if (needed > available) throw new EngineMemoryError(needed, available);
}

/** For people: three digits. */
export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(3)} GB`;
}
