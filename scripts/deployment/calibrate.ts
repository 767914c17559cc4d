import { initialState } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import type { RunManifest } from "../../workers/protocol/manifest.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { Engine } from "../../workers/training/engine.ts";
import { zeroWorkerState } from "../../workers/training/workerState.ts";

/** Seconds of a round's phases, counted from its start. */
export interface RoundTiming {
  readonly period: number;
  readonly commitSeconds: number;
  readonly revealSeconds: number;
}

/** Steps that are timed after one that warms up. */
const timedSteps = 3;
/** What training may take longer than measured: other load, validators evaluating at the same time. */
const trainingMargin = 1.6;
/** Seconds of a commit phase besides training: fetch, apply, encode, store, and a transaction's block. */
const commitOverheadSeconds = 3.5;
/** A reveal, and an attestation with its fetching, each with a block to spare. */
const revealPhaseSeconds = 3;
const attestPhaseSeconds = 3;

/** Seconds that H inner steps take with all miners training at once on this machine. */
export async function timeInnerPhase(
  manifest: RunManifest,
  miners: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const { model, training } = manifest;
  const engines = Array.from({ length: miners }, () => new Engine({ model, training }));
  const theta = initialState(model, 0);
  const { moments } = zeroWorkerState(parameterLayout(model));
  const width = training.batchSequences * (model.sequenceLength + 1);
  const phase = (steps: number) => {
    const batches = Array.from({ length: steps }, () => new Int32Array(width).fill(32));
    return { theta, moments, firstStep: 0, batches, signal };
  };
  try {
    await Promise.all(engines.map((engine) => engine.trainInner(phase(1))));
    const started = clock.now();
    await Promise.all(engines.map((engine) => engine.trainInner(phase(timedSteps))));
    return (((clock.now() - started) / 1000) * training.innerSteps) / timedSteps;
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}

/** Round length that leaves every worker its margin on a machine where H steps take that long. */
export function roundTiming(innerPhaseSeconds: number): RoundTiming {
  const commitSeconds = Math.ceil(innerPhaseSeconds * trainingMargin + commitOverheadSeconds);
  const revealSeconds = commitSeconds + revealPhaseSeconds;
  return { commitSeconds, revealSeconds, period: revealSeconds + attestPhaseSeconds };
}
