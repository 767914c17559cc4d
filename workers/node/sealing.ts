import type { Hex } from "viem";
import { CodecError } from "../codec/errors.ts";
import type { UpdateHeader } from "../codec/header.ts";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import { type DecodeOptions, decodeUpdate } from "../codec/update.ts";
import { decryptUpdate, encryptUpdate } from "../protocol/cipher.ts";
import type { UpdateIdentity } from "../protocol/commitment.ts";
import { dataRoot } from "../protocol/dataRoot.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { Run } from "./run.ts";

/** An update as it lies in the content store, and what its reveal and the run say of it. */
export interface SealedUpdate {
  readonly encrypted: Uint8Array;
  readonly dataRoot: Hex;
  readonly identity: UpdateIdentity;
  readonly salt: Hex;
  readonly manifestHash: Hex;
  readonly decoding: DecodeOptions;
}

/** An update's bytes, decrypted, and what is in them. */
export interface Unsealed {
  readonly plain: Uint8Array;
  readonly header: UpdateHeader;
  readonly tensors: readonly SparseTensor[];
}

/** Why the bytes are no valid update, or not for that round, neuron or run: a sentence's end, or a code of the codec. */
export interface Unusable {
  readonly unusable: string;
}

/** How updates are unsealed: here, or in other threads. @throws the signal's reason */
export type Unseal = (sealed: SealedUpdate, signal: AbortSignal) => Promise<Unsealed | Unusable>;

/** Checks, decrypts and decodes an update. What is wrong follows from the bytes alone: every node finds the same. */
export function unseal(sealed: SealedUpdate): Unsealed | Unusable {
  const { encrypted, identity, salt, manifestHash, decoding } = sealed;
  if (dataRoot(encrypted) !== sealed.dataRoot) return { unusable: "another data root" };
  const plain = decryptUpdate(encrypted, identity, salt);
  try {
    const { header, tensors } = decodeUpdate(plain, decoding);
    if (header.manifestHash !== manifestHash) return { unusable: "another manifest" };
    if (header.round !== identity.round) return { unusable: `made for round ${header.round}` };
    if (header.neuronId !== identity.neuronId) return { unusable: "made by another neuron" };
    return { plain, header, tensors };
  } catch (error) {
    if (error instanceof CodecError) return { unusable: error.code };
    throw error;
  }
}

/** In this thread. */
export const unsealHere: Unseal = async (sealed) => unseal(sealed);

/** An update ready for the ledger: encrypted bytes and what is committed to. */
export function sealUpdate(
  { updates }: Pick<Run, "updates">,
  plain: Uint8Array,
  neuronId: NeuronId,
  round: Round,
  salt: Hex,
): { encrypted: Uint8Array; dataRoot: Hex } {
  const encrypted = encryptUpdate(plain, { ...updates, neuronId, round }, salt);
  return { encrypted, dataRoot: dataRoot(encrypted) };
}
