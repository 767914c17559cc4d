import { createHash } from "node:crypto";

/** Hash of each tensor's bits: a failing comparison of long arrays would print them all. */
export function hashTensors(tensors: readonly Float32Array[]): string[] {
  return tensors.map((values) => createHash("sha256").update(values).digest("hex"));
}
