import type { Machine } from "../evaluation/evaluationLog.ts";
import { processorModel } from "../runtime/processor.ts";
import type { Device } from "../training/device.ts";
import { engineVersion } from "../training/engineVersion.ts";

/** What this process computes losses on. */
export function machineOf({ provider }: Device): Machine {
  return { provider, engine: engineVersion, processor: processorModel() };
}
