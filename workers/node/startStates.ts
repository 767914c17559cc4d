import { loadWorkerState, savedRounds } from "../database/workerState.ts";
import type { Checkpoint } from "../protocol/checkpoint.ts";
import { WeftError } from "../protocol/errors.ts";
import type { Round } from "../protocol/quantities.ts";
import { refFor, refFromCid } from "../storage/contentRef.ts";
import type { ModelStatesOptions } from "./modelStates.ts";
import type { Run } from "./run.ts";
import { fetchState, type ModelState, rootOf } from "./stateContent.ts";

/** θ_0 as the manifest names it. */
export function genesisState(run: Run, signal: AbortSignal): Promise<ModelState> {
  const { cid, size, root } = run.manifest.genesisState;
  return fetchState(run, 0, refFromCid(cid, size), root, signal);
}

/** The state that a checkpoint names, its root checked. @throws as `fetchState` */
export function checkpointState(run: Run, from: Checkpoint, signal: AbortSignal): Promise<ModelState> {
  const { round, stateRoot, contentDigest, contentSize } = from;
  return fetchState(run, round, refFor(contentDigest, contentSize), stateRoot, signal);
}

/** The latest attested checkpoint, if it is newer than `known`; undefined where nobody serves it. */
export async function attestedState(
  { run, follower, log, upTo = Number.POSITIVE_INFINITY }: ModelStatesOptions,
  known: Round,
  signal: AbortSignal,
): Promise<ModelState | undefined> {
  const latest = follower.history.checkpoints.findLast(({ round }) => round <= upTo);
  if (latest === undefined || latest.round <= known) return undefined;
  const { round } = latest;
  try {
    return await checkpointState(run, latest, signal);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    log.warn("the attested checkpoint cannot be had: earlier rounds are replayed", { round, error });
    return undefined;
  }
}

/** Newest saved state whose content still has the root it was saved under. */
export async function newestOnDisk(options: ModelStatesOptions): Promise<ModelState | undefined> {
  const { folder, upTo = Number.POSITIVE_INFINITY } = options;
  for (const round of savedRounds(folder)) {
    if (round > upTo) continue;
    const state = await onDisk(options, round);
    if (state !== undefined) return state;
  }
  return undefined;
}

/** The saved state of a round; undefined where there is none that is intact. */
export async function onDisk(
  { run, folder, log }: Pick<ModelStatesOptions, "folder" | "log"> & { readonly run: Pick<Run, "specs"> },
  round: Round,
): Promise<ModelState | undefined> {
  try {
    const saved = await loadWorkerState(folder, round);
    const theta = saved?.groups.theta;
    if (saved === undefined || theta === undefined || theta.length !== run.specs.length) return undefined;
    return rootOf(run.specs, theta) === saved.root ? { round, theta, root: saved.root } : undefined;
  } catch (error) {
    log.warn("a saved state is unusable", { round, error });
    return undefined;
  }
}
