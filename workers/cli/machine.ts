import { createHash } from "node:crypto";
import type { Hex } from "viem";
import type { Machine } from "../evaluation/evaluationLog.ts";
import { canonicalJson } from "../protocol/manifest.ts";
import { processorModel } from "../runtime/processor.ts";
import { cpuDevice, type Device } from "../training/device.ts";
import { engineVersion } from "../training/engineVersion.ts";

/** What this process computes losses on. */
export function machineOf({ provider }: Device): Machine {
  return { provider, engine: engineVersion, processor: processorModel() };
}

/**
 * sha256 of a machine's canonical JSON, as worker states carry it: equal machines compute equal bits. Undefined for any
 * provider but the CPU: a graphics card need not repeat its own bits, and its model is not part of a machine.
 */
export function machineHash(machine: Machine): Hex | undefined {
  if (machine.provider !== cpuDevice.provider) return undefined;
  return `0x${createHash("sha256").update(canonicalJson(machine)).digest("hex")}`;
}
