import type { Round, Uid } from "../protocol/quantities.ts";
import type { RunHistory } from "../protocol/runHistory.ts";
import type { Beacons } from "./beacons.ts";
import type { Run } from "./run.ts";

export interface GatherSources {
  readonly run: Run;
  readonly beacons: Beacons;
  readonly history: RunHistory;
}

/** Uids of a round's gather set, ascending. Waits for the round's end. */
export async function gatheredUids(
  { run, beacons, history }: GatherSources,
  round: Round,
  signal: AbortSignal,
): Promise<readonly Uid[]> {
  const rank = await beacons.of("rank", round, signal);
  const { gatherSize, alignment } = run.manifest.outer;
  const unsettledSize = alignment === undefined ? gatherSize : 2 * gatherSize;
  return history.gatherSet(round, rank, gatherSize, unsettledSize).uids;
}
