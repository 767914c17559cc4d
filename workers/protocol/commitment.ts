import { type Hex, keccak256 } from "viem";
import type { Epoch, NeuronId, Round } from "./quantities.ts";
import { hashWords, nameTag } from "./words.ts";

/** Separates update commitments, and their keys, from every other use of the same hash. */
export const UPDATE_DOMAIN = "weft.update.v1";

const UPDATE_TAG = nameTag(UPDATE_DOMAIN);
const WEIGHTS_TAG = nameTag("weft.weights.v1");

/** Which ledger on which chain a commitment is for; a commitment for one is worthless on another. */
export interface LedgerIdentity {
  readonly chainId: number;
  /** Address of the `UpdateLedger` or the `WeightLedger`. */
  readonly ledger: Hex;
}

/** Who says something for which round. */
export interface UpdateIdentity extends LedgerIdentity {
  readonly neuronId: NeuronId;
  readonly round: Round;
}

/** The encrypted content an update commits to. */
export interface UpdateContent {
  /** sha256 digest of the root CID. */
  readonly digest: Hex;
  /** Bytes of ciphertext. */
  readonly size: number;
  /** Root over 1 KiB slices of the ciphertext, see `dataRoot`. */
  readonly dataRoot: Hex;
}

/** Commitment to an update, as `UpdateLedger` recomputes it (DESIGN §7). `salt` is 32 random bytes. */
export function updateCommitment(identity: UpdateIdentity, content: UpdateContent, salt: Hex): Hex {
  const { chainId, ledger, neuronId, round } = identity;
  const { digest, size, dataRoot } = content;
  return hashWords([UPDATE_TAG, chainId, ledger, neuronId, round, digest, size, dataRoot, salt]);
}

/** Who weighs which epoch. */
export interface WeightsIdentity extends LedgerIdentity {
  readonly neuronId: NeuronId;
  readonly epoch: Epoch;
}

/** Commitment to a packed row of weights, as `WeightLedger` recomputes it. `salt` is 32 random bytes. */
export function weightsCommitment(identity: WeightsIdentity, row: Hex, salt: Hex): Hex {
  const { chainId, ledger, neuronId, epoch } = identity;
  return hashWords([WEIGHTS_TAG, chainId, ledger, neuronId, epoch, keccak256(row), salt]);
}
