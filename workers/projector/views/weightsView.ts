import type { Epoch } from "../../protocol/quantities.ts";
import { weftJson } from "../../protocol/tokenAmount.ts";
import { unpackRow } from "../../protocol/weights.ts";
import type { WeightsPage } from "../api.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { Refusal } from "../refusal.ts";
import { epochNow } from "./epochNow.ts";
import { share, sharesOf } from "./neuronsView.ts";

/** Weights of an epoch as validators revealed them. @throws Refusal UNKNOWN_EPOCH */
export function weightsView(projected: ProjectedRun, epoch: Epoch): WeightsPage {
  const { standing, projection } = projected;
  const now = epochNow(projected);
  if (epoch > now)
    throw new Refusal(404, "UNKNOWN_EPOCH", `epoch ${epoch} has not begun`, `It is epoch ${now}.`);
  const settlement = standing.settlements.find((each) => each.epoch === epoch);
  const columns = settlement?.neuronIds.length ?? standing.metagraph.uidCount();
  return {
    epoch,
    settled: settlement !== undefined,
    uids: Array.from({ length: columns }, (_, uid) => uid),
    rows: projection.ofType("WeightsRevealed", epoch, epoch).map(({ neuronId, uid, row }) => ({
      neuronId: String(neuronId),
      uid,
      stake: weftJson(standing.stakeAt(neuronId, epoch)),
      weights: sharesOf(unpackRow(row, columns)),
    })),
    consensus: settlement?.consensus.map(share) ?? null,
    incentives: settlement?.incentives.map(share) ?? null,
  };
}
