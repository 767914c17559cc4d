import type { Hex } from "viem";
import { FatalError } from "../protocol/errors.ts";
import type { Round } from "../protocol/quantities.ts";
import { stateRoot } from "../protocol/stateRoot.ts";
import { parameterCount, sizeOf, type TensorSpec, type Tensors } from "../protocol/tensors.ts";
import type { ContentRef } from "../storage/contentStore.ts";
import type { Run } from "./run.ts";

/** θ at the start of a round. */
export interface ModelState {
  readonly round: Round;
  /** Never changed in place except by a trial step that is reverted before anything else runs. */
  readonly theta: Tensors;
  readonly root: Hex;
}

/** Root of θ. */
export function rootOf(specs: readonly TensorSpec[], theta: Tensors): Hex {
  return stateRoot(specs.map(({ name }, index) => ({ name, values: theta[index] })));
}

/** The content of θ: fp32 little-endian, tensors one after another in manifest order. */
export function stateContent(theta: Tensors): Uint8Array {
  const bytes = new Uint8Array(theta.reduce((total, { byteLength }) => total + byteLength, 0));
  let offset = 0;
  for (const tensor of theta) {
    bytes.set(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), offset);
    offset += tensor.byteLength;
  }
  return bytes;
}

/**
 * Fetches θ at the start of a round and checks it against the root that somebody vouches for.
 * @throws FatalError STATE_CONTENT_MISMATCH where the content has another layout or root; as `ContentStore.get`
 */
export async function fetchState(
  run: Pick<Run, "specs" | "store">,
  round: Round,
  ref: ContentRef,
  root: Hex,
  signal: AbortSignal,
): Promise<ModelState> {
  const expected = 4 * parameterCount(run.specs);
  const mismatch = (bytes: number) =>
    new FatalError(
      "STATE_CONTENT_MISMATCH",
      `the state of round ${round} has not the layout or the root stated`,
      {
        data: { round, bytes, expected, root },
        hint: "Whoever published this content published something else than what it stands for.",
      },
    );
  // Before a byte is read: the size follows from the manifest.
  if (ref.size !== expected) throw mismatch(ref.size);
  const bytes = await run.store.get(ref, { maxBytes: expected, signal });
  const aligned = new Float32Array(new Uint8Array(bytes).buffer);
  let offset = 0;
  const theta = run.specs.map((spec) => {
    const tensor = aligned.slice(offset, offset + sizeOf(spec));
    offset += tensor.length;
    return tensor;
  });
  if (rootOf(run.specs, theta) !== root) throw mismatch(bytes.length);
  return { round, theta, root };
}
