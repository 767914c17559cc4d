import { auditPicks } from "../protocol/auditDraw.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { GatherSources } from "./gatheredUids.ts";

/**
 * Neurons whose updates of a round are audited, in the order in which validators take them; none where the run has no
 * audits. Waits for the round's end.
 */
export async function auditedNeurons(
  { run, beacons, history }: GatherSources,
  round: Round,
  signal: AbortSignal,
): Promise<readonly NeuronId[]> {
  const { audit } = run.manifest.scoring;
  if (audit === undefined) return [];
  const beacon = await beacons.of("audit", round, signal);
  const holders = history.metagraph.occupants(round);
  const revealed = history.reveals(round).filter(({ uid, neuronId }) => holders.get(neuronId) === uid);
  return auditPicks(
    beacon,
    revealed.map(({ neuronId }) => neuronId),
    audit,
  );
}
