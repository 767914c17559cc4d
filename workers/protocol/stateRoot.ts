import { createHash } from "node:crypto";
import type { Hex } from "viem";
import { merkleRoot } from "./merkle.ts";

/** A tensor by name: a model parameter, or a part of a worker's own state. */
export interface NamedTensor {
  readonly name: string;
  /** Row-major fp32. */
  readonly values: Float32Array;
}

/**
 * Root of named tensors in the given order, which is the manifest's (DESIGN §7): SHA-256 tree with leaf
 * `sha256(0x00 ‖ sha256(UTF-8 name) ‖ fp32 little-endian bytes)` and node `sha256(0x01 ‖ left ‖ right)`. The same form
 * serves the model and a worker's error feedback and moments (DESIGN §10).
 * @throws FatalError `MERKLE_EMPTY` without tensors.
 */
export function stateRoot(tensors: readonly NamedTensor[]): Hex {
  const root = merkleRoot(tensors.map(tensorLeaf), (left, right) => sha256(Buffer.of(1), left, right));
  return `0x${root.toString("hex")}`;
}

function tensorLeaf({ name, values }: NamedTensor): Buffer {
  // In-memory order is little-endian on every platform that onnxruntime and this project run on.
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return sha256(Buffer.of(0), sha256(Buffer.from(name, "utf8")), bytes);
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
