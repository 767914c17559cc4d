import {
  compactSignatureToSignature,
  concat,
  type Hex,
  parseCompactSignature,
  parseSignature,
  recoverTypedDataAddress,
  serializeCompactSignature,
  signatureToCompactSignature,
} from "viem";
import type { LedgerIdentity } from "./commitment.ts";
import type { Epoch, Round, Uid } from "./quantities.ts";

/** A model state that validators sign: the one `round` starts with, its root, and the content that holds it. */
export interface Checkpoint {
  readonly round: Round;
  readonly stateRoot: Hex;
  /** sha256 digest of the content's root CID. */
  readonly contentDigest: Hex;
  /** Bytes. */
  readonly contentSize: number;
}

/** Who signed a checkpoint; `stake` in wei, of the epoch in which it is submitted. */
export interface CheckpointSignature {
  readonly uid: Uid;
  readonly stake: bigint;
  /** 64 bytes (ERC-2098). */
  readonly signature: Hex;
}

const TYPES = {
  Checkpoint: [
    { name: "round", type: "uint64" },
    { name: "stateRoot", type: "bytes32" },
    { name: "contentDigest", type: "bytes32" },
    { name: "contentSize", type: "uint64" },
  ],
} as const;

/** A checkpoint as `CheckpointLedger` takes it. */
export function checkpointMessage({ round, contentSize, ...hashes }: Checkpoint) {
  return { ...hashes, round: BigInt(round), contentSize: BigInt(contentSize) };
}

/** What a hotkey signs (EIP-712), as `CheckpointLedger.checkpointDigest` hashes it. */
export function checkpointTypedData({ chainId, ledger }: LedgerIdentity, checkpoint: Checkpoint) {
  return {
    domain: { name: "Weft Checkpoint", version: "1", chainId, verifyingContract: ledger },
    types: TYPES,
    primaryType: "Checkpoint",
    message: checkpointMessage(checkpoint),
  } as const;
}

/** Whether the state that `epoch` starts with is signed: that of every `every`-th one, none where that is undefined. */
export function isCheckpointEpoch(epoch: Epoch, every: number | undefined): boolean {
  return every !== undefined && epoch > 0 && epoch % every === 0;
}

/** The 64-byte form (ERC-2098) of a signature. */
export function compactSignature(signature: Hex): Hex {
  return serializeCompactSignature(signatureToCompactSignature(parseSignature(signature)));
}

/** Address whose signature (64 bytes) of the checkpoint this is; undefined where it is nobody's. */
export async function checkpointSigner(
  identity: LedgerIdentity,
  checkpoint: Checkpoint,
  signature: Hex,
): Promise<Hex | undefined> {
  try {
    const whole = compactSignatureToSignature(parseCompactSignature(signature));
    return await recoverTypedDataAddress({ ...checkpointTypedData(identity, checkpoint), signature: whole });
  } catch {
    return undefined;
  }
}

/**
 * The fewest signatures that more than two thirds of `permitted` (wei) stand behind, largest stakes first, one after the
 * other as `CheckpointLedger.submit` takes them; undefined where all together are not enough. One signature per uid.
 */
export function quorum(signatures: readonly CheckpointSignature[], permitted: bigint): Hex | undefined {
  const byUid = new Map(signatures.map((each) => [each.uid, each]));
  const largest = [...byUid.values()].sort((a, b) => compare(b.stake, a.stake) || a.uid - b.uid);
  let signed = 0n;
  for (const [index, { stake }] of largest.entries()) {
    signed += stake;
    if (3n * signed > 2n * permitted) {
      return concat(largest.slice(0, index + 1).map(({ signature }) => signature));
    }
  }
  return undefined;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
