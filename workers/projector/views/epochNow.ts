import { epochOf } from "../../protocol/clock.ts";
import type { Epoch } from "../../protocol/quantities.ts";
import type { ProjectedRun } from "../projectedRun.ts";

/** Epoch at the head; 0 before genesis. */
export function epochNow({ now, run }: ProjectedRun): Epoch {
  return now === undefined ? 0 : epochOf(run.contracts.clock, now.round);
}
