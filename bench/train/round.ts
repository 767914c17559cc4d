import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CodecSettings } from "../../workers/codec/settings.ts";
import { saveWorkerState } from "../../workers/database/workerState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { composeUpdate } from "../../workers/node/composeUpdate.ts";
import { type SealedUpdate, sealUpdate } from "../../workers/node/sealing.ts";
import { rootOf } from "../../workers/node/stateContent.ts";
import { unsealerFor } from "../../workers/node/unsealingThreads.ts";
import { parameterCount, type TensorSpec } from "../../workers/protocol/tensors.ts";
import type { Device } from "../../workers/training/device.ts";
import { Engine } from "../../workers/training/engine.ts";
import { pseudoGradient, withErrorFeedback } from "../../workers/training/errorFeedback.ts";
import { openTrainer } from "../../workers/training/openTrainer.ts";
import { outerStep } from "../../workers/training/outerStep.ts";
import { zeroWorkerState } from "../../workers/training/workerState.ts";
import { batchesOf, freshTask, INNER_STEPS, middle, patternedState } from "./inputs.ts";
import { type TimedModel, trainingOf } from "./models.ts";

/** A round beside its training steps. Shares are middles over repeats; all of a repeat is measured one right after the other. */
export interface RoundFigures {
  /** H steps through the engine's thread against as many steps of a trainer in this one. */
  readonly phaseShareOfSteps: number;
  /** What a miner computes and writes in a round besides its H steps, against H such steps. */
  readonly roundOverheadShare: number;
  /** Seconds of the parts of `roundOverheadShare`. */
  readonly roundParts: RoundParts;
}

export interface RoundParts {
  /** Pseudo-gradient and error feedback, selection, coding, and the root of the worker state. */
  readonly update: number;
  /** Worker state and θ written and synced. */
  readonly save: number;
  /** Decoding the gather set, the outer step and the root of θ. */
  readonly outer: number;
}

export interface RoundOptions {
  readonly device: Device;
  readonly threads: number;
  /** Steps that stand for H, at most as many. */
  readonly steps: number;
  readonly repeats: number;
  /** Seconds of processor instead of the clock's: with one thread the same where nobody else uses the machine. */
  readonly processorTime: boolean;
}

/** Seconds so far. */
type Timer = () => number;

const hash = `0x${"00".repeat(32)}` as const;
/** Updates of a gather set: as many as the default run's. */
const GATHERED = 4;
const never = () => false;

export async function measureRound(timed: TimedModel, options: RoundOptions): Promise<RoundFigures> {
  const { device, threads, repeats, processorTime } = options;
  const timer = processorTime ? processorSeconds : () => performance.now() / 1000;
  const steps = Math.min(options.steps, INNER_STEPS);
  const training = trainingOf(timed.batchSequences, steps);
  const trainer = await openTrainer(timed.model, training, threads, device);
  const engine = new Engine({ model: timed.model, training, threads, device });
  const repeat = async () => {
    const single = await seconds(timer, () =>
      trainer.train({ ...freshTask(timed.model), batches: batchesOf(timed, steps) }, never, () => undefined),
    );
    const { signal } = new AbortController();
    const { theta, moments } = freshTask(timed.model);
    const phase = await seconds(timer, () =>
      engine.trainInner({ theta, moments, firstStep: 0, batches: batchesOf(timed, steps), signal }),
    );
    const parts = await timeParts(timed, threads, timer);
    const overhead = parts.update + parts.save + parts.outer;
    return { phase: phase / single, overhead: overhead / ((single / steps) * INNER_STEPS), parts };
  };
  try {
    await repeat(); // sessions are opened and memory is made here
    const made: Awaited<ReturnType<typeof repeat>>[] = [];
    for (let turn = 0; turn < repeats; turn++) made.push(await repeat());
    const part = (name: keyof RoundParts) => middle(made.map(({ parts }) => parts[name]));
    return {
      phaseShareOfSteps: middle(made.map(({ phase }) => phase)),
      roundOverheadShare: middle(made.map(({ overhead }) => overhead)),
      roundParts: { update: part("update"), save: part("save"), outer: part("outer") },
    };
  } finally {
    await engine.close();
  }
}

/** With the miner's own code. */
async function timeParts({ model }: TimedModel, threads: number, timer: Timer): Promise<RoundParts> {
  const specs = parameterLayout(model);
  const [start, end] = [patternedState(model, 1), patternedState(model, 2)];
  const compression = { chunk: 4096, topK: 64, errorFeedback: 0.95 };
  const run = { specs, manifestHash: hash, manifest: { compression } };
  // The state that the round before left: its root is known.
  const first = zeroWorkerState(specs);
  const offered = (before: typeof first) => ({
    values: withErrorFeedback(before.errorFeedback, pseudoGradient(start, end), 0.95),
    moments: before.moments,
  });
  const { after: before } = composeUpdate(run, 1n, { round: 0, root: hash }, first, offered(first));
  const timedUpdate = await timed(timer, () =>
    composeUpdate(run, 1n, { round: 1, root: hash }, before, offered(before)),
  );
  const { bytes, after, afterRoot } = timedUpdate.result;
  const folder = mkdtempSync(join(tmpdir(), "weft-bench-round-"));
  try {
    const { errorFeedback, moments } = after;
    const groups = { errorFeedback, first: moments.first, second: moments.second };
    const save = await seconds(timer, async () => {
      await saveWorkerState(join(folder, "worker"), { round: 1, root: afterRoot, step: 1, groups });
      await saveWorkerState(join(folder, "model"), {
        round: 1,
        root: hash,
        step: 0,
        groups: { theta: start },
      });
    });
    const unseal = unsealerFor(specs, threads);
    const open = (sealed: SealedUpdate) => unseal(sealed, new AbortController().signal);
    const sealed = sealedUpdate(bytes, specs, compression);
    await Promise.all(Array.from({ length: threads }, () => open(sealed))); // threads start here
    const outer = await seconds(timer, async () => {
      const opened = await Promise.all(Array.from({ length: GATHERED }, () => open(sealed)));
      const updates = opened.flatMap((each) => ("unusable" in each ? [] : [each.tensors]));
      const settings = { learningRate: 1, averaging: "gathered", alignment: 0.5 } as const;
      return rootOf(specs, outerStep(start, updates, settings));
    });
    return { update: timedUpdate.seconds, save, outer };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As it would lie in the content store. */
function sealedUpdate(
  plain: Uint8Array,
  specs: readonly TensorSpec[],
  compression: CodecSettings,
): SealedUpdate {
  const identity = { chainId: 1, ledger: `0x${"00".repeat(20)}`, neuronId: 1n, round: 1 } as const;
  const sealed = sealUpdate({ updates: identity }, plain, identity.neuronId, identity.round, hash);
  const decoding = { specs, ...compression, maxBytes: 4 * parameterCount(specs) };
  return { ...sealed, identity, salt: hash, manifestHash: hash, decoding };
}

async function seconds(timer: Timer, work: () => unknown): Promise<number> {
  return (await timed(timer, work)).seconds;
}

async function timed<Result>(timer: Timer, work: () => Result | Promise<Result>) {
  const start = timer();
  const result = await work();
  return { result, seconds: timer() - start };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
