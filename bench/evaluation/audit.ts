import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SAMPLE_HEADER } from "../../test/support/pseudoGradients.ts";
import { compareExactly } from "../../workers/evaluation/audit.ts";
import { type ComposedUpdate, composeUpdate, type UpdateRun } from "../../workers/node/composeUpdate.ts";
import { fetchIndex, fetchWorkerState, publishWorkerState } from "../../workers/node/workerStateContent.ts";
import type { TensorSpec, Tensors } from "../../workers/protocol/tensors.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import type { Engine } from "../../workers/training/engine.ts";
import { pseudoGradient, withErrorFeedback } from "../../workers/training/errorFeedback.ts";
import { type WorkerState, workerStateRoot } from "../../workers/training/workerState.ts";

/** What a miner's round is played with. */
export interface Playing {
  readonly engine: Engine;
  readonly run: UpdateRun;
  readonly theta: Tensors;
  readonly batches: readonly Int32Array[];
  readonly signal: AbortSignal;
}

/** A miner's round: H steps, error feedback, compression, roots. */
export async function playRound(
  { engine, run, theta, batches, signal }: Playing,
  before: WorkerState,
): Promise<ComposedUpdate> {
  const { moments, errorFeedback } = before;
  const result = await engine.trainInner({ theta, moments, firstStep: 0, batches, signal });
  const delta = pseudoGradient(theta, result.theta);
  const values = withErrorFeedback(errorFeedback, delta, run.manifest.compression.errorFeedback);
  const offer = { values, moments: result.moments };
  return composeUpdate(run, 1n, { round: 0, root: SAMPLE_HEADER.parentRoot }, before, offer);
}

/** An audit of the round that starts from `state`, whose content lies in a store of its own. */
export async function openAudit(state: WorkerState, specs: readonly TensorSpec[], signal: AbortSignal) {
  const folder = mkdtempSync(join(tmpdir(), "weft-audit-"));
  const store = await LocalStore.open(folder);
  await publishWorkerState(store, specs, state, signal);
  const root = workerStateRoot(specs, state);
  let claimed: ComposedUpdate | undefined;
  return {
    /** Reads the state, plays the round again and compares it with the first one. */
    async run(play: (from: WorkerState) => Promise<ComposedUpdate>): Promise<void> {
      const index = await fetchIndex(store, specs, root, signal);
      const again = await play(await fetchWorkerState(store, specs, index, signal));
      claimed ??= again;
      const roots = { sent: claimed.afterRoot, computed: again.afterRoot };
      const found = compareExactly(0, { sent: claimed.tensors, computed: again.tensors }, roots);
      if (found.result !== "pass") throw new Error(`the same round came out otherwise: ${found.reason}`);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
