import type { ChainEvent } from "../../protocol/chainEvents.ts";
import type { Epoch } from "../../protocol/quantities.ts";
import { weftJson } from "../../protocol/tokenAmount.ts";
import type { EpochRow, EpochsPage } from "../api.ts";
import type { ProjectedRun } from "../projectedRun.ts";

/** Epochs of one answer. */
const mostEpochs = 500;

/** Settled epochs and what they paid, ascending; the last ones. */
export function epochsView({ projection, standing }: ProjectedRun): EpochsPage {
  const settlements = standing.settlements.slice(-mostEpochs);
  const first = settlements[0]?.epoch ?? 0;
  const credits = byEpoch(projection.ofType("Credited", first));
  const mints = byEpoch(projection.ofType("Minted", first));
  const epochs: EpochRow[] = settlements.map(({ epoch, round, settledAt, neuronIds }) => {
    const { miners = [], validators = [] } = credits.get(epoch) ?? {};
    const minted = mints.get(epoch);
    const stake = neuronIds.reduce((sum, id) => sum + standing.stakeAt(id, epoch), 0n);
    return {
      epoch,
      settledInRound: round,
      settledAt,
      minted: weftJson(minted?.total ?? 0n),
      treasury: weftJson(minted?.treasury ?? 0n),
      incentives: weftJson(miners.reduce((sum, { incentive }) => sum + incentive, 0n)),
      dividends: weftJson(validators.reduce((sum, { dividend }) => sum + dividend, 0n)),
      miners: miners.length,
      validators: validators.length,
      stake: weftJson(stake),
    };
  });
  return { epochs };
}

/** Events that come once an epoch, by it. */
export function byEpoch<Event extends ChainEvent & { readonly epoch: Epoch }>(events: readonly Event[]) {
  return new Map(events.map((event) => [event.epoch, event]));
}
