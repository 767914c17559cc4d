import { savedRoot, savedRounds } from "../../database/workerState.ts";
import type { Round } from "../../protocol/quantities.ts";
import { refFor, refFromCid } from "../../storage/contentRef.ts";
import type { ModelRow } from "../apiText.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { median, reportsOf } from "../views/scores.ts";
import type { WritableModel } from "./textJob.ts";

/** Checkpoints offered, the newest ones. */
const mostCheckpoints = 60;

/**
 * States that can write, the newest first: θ_0, attested checkpoints, and what workers saved in `folders`. Where a
 * checkpoint is attested for a round, what was saved for it does not count.
 */
export async function writableModels(
  { run, projection, now }: ProjectedRun,
  folders: readonly string[],
): Promise<WritableModel[]> {
  const models = new Map<Round, WritableModel>();
  for (const folder of folders) {
    for (const round of savedRounds(folder)) {
      // What was saved for a later round is of another chain.
      const root = round > (now?.round ?? 0) ? undefined : await savedRoot(folder, round);
      if (root !== undefined)
        models.set(round, { round, stateRoot: root, source: "saved", from: { folder } });
    }
  }
  for (const attested of projection.ofType("CheckpointAttested").slice(-mostCheckpoints)) {
    const { round, stateRoot, contentDigest, contentSize } = attested;
    const ref = refFor(contentDigest, contentSize);
    models.set(round, { round, stateRoot, source: "checkpoint", from: { ref } });
  }
  const { cid, size, root } = run.manifest.genesisState;
  models.set(0, { round: 0, stateRoot: root, source: "start", from: { ref: refFromCid(cid, size) } });
  return [...models.values()].sort((a, b) => b.round - a.round);
}

/** The same as they are told, with their losses. */
export async function modelRows(projected: ProjectedRun, folders: readonly string[]): Promise<ModelRow[]> {
  const models = await writableModels(projected, folders);
  return models.map(({ round, stateRoot, source }) => {
    const reports = reportsOf(projected.projection, "heldOutLoss", round, round);
    return { round, stateRoot, source, heldOutLoss: median(reports.map(({ row }) => row.loss)) };
  });
}
