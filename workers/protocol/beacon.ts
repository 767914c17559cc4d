import type { Hex } from "viem";
import type { LedgerIdentity } from "./commitment.ts";
import type { Round } from "./quantities.ts";
import { hashWords, nameTag } from "./words.ts";

/** What a beacon is drawn for. A tag is keccak256 of the name, so no draw repeats another. */
export const BEACON_TAGS = {
  /** Batches of a round; entropy of the first block with timestamp ≥ start(round). */
  data: nameTag("weft.beacon.data"),
  /** Which uids and sequences are evaluated; entropy of the first block ≥ end(round), mixed with the salts. */
  eval: nameTag("weft.beacon.eval"),
  /** Which slices are audited; as `eval`. */
  audit: nameTag("weft.beacon.audit"),
  /** Order among equals in the gather set; entropy of the first block ≥ end(round). */
  rank: nameTag("weft.beacon.rank"),
} as const;

export type BeaconUse = keyof typeof BEACON_TAGS;

/** Whether a beacon also mixes the XOR of all salts revealed in its round, which no block builder knows in time. */
export function mixesSalts(use: BeaconUse): use is "eval" | "audit" {
  return use === "eval" || use === "audit";
}

/** Where a beacon's unpredictability comes from. */
export interface BeaconSource extends LedgerIdentity {
  readonly round: Round;
  /** Block hash or prevrandao, as the manifest says, of the block named at `BEACON_TAGS`. */
  readonly entropy: Hex;
}

/**
 * `keccak256(abi.encode(tag, chainId, ledger, round, entropy))`, where `ledger` is the `UpdateLedger` (DESIGN §3); for
 * `eval` and `audit` one more word follows, the XOR of all salts revealed in the round (0 where none was).
 */
export function beacon(use: "data" | "rank", source: BeaconSource): Hex;
export function beacon(use: "eval" | "audit", source: BeaconSource, saltXor: Hex): Hex;
export function beacon(use: BeaconUse, source: BeaconSource, saltXor?: Hex): Hex {
  const { chainId, ledger, round, entropy } = source;
  const words = [BEACON_TAGS[use], chainId, ledger, round, entropy];
  return hashWords(saltXor === undefined ? words : [...words, saltXor]);
}

/** XOR of 32-byte words, zero for none. */
export function xorSalts(salts: readonly Hex[]): Hex {
  const xor = salts.reduce((sum, salt) => sum ^ BigInt(salt), 0n);
  return `0x${xor.toString(16).padStart(64, "0")}`;
}
