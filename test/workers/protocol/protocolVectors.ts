import { readFileSync } from "node:fs";
import type { Hex } from "viem";

interface UpdateVector {
  chainId: number;
  ledger: Hex;
  neuronId: string;
  round: number;
  digest: Hex;
  size: number;
  dataRoot: Hex;
  salt: Hex;
  commitment: Hex;
  key: Hex;
  plain: Hex;
  encrypted: Hex;
}
interface WeightsVector {
  chainId: number;
  ledger: Hex;
  neuronId: string;
  epoch: number;
  row: Hex;
  salt: Hex;
  commitment: Hex;
}
interface SequenceVector {
  shard: number;
  sequence: number;
}

/** Golden values shared with the contracts' tests. */
export const vectors: {
  updates: UpdateVector[];
  weights: WeightsVector[];
  dataRoots: { length: number; root: Hex }[];
  stateTensors: { name: string; fp32: Hex }[];
  stateRoots: { tensors: number; root: Hex }[];
  beacons: {
    chainId: number;
    ledger: Hex;
    round: number;
    entropy: Hex;
    saltXor: Hex;
    tags: Record<"data" | "eval" | "audit" | "rank", Hex>;
    data: Hex;
    rank: Hex;
    eval: Hex;
    audit: Hex;
  };
  assignment: {
    neuronId: string;
    shardSequences: number[];
    evalSequences: number;
    shards: number[];
    batches: SequenceVector[];
    random: SequenceVector[];
  };
} = JSON.parse(readFileSync(new URL("../../vectors/protocol.json", import.meta.url), "utf8"));

/** Content of the vectors: byte i is (31·i + 7·(i >> 8) + length) mod 256. */
export function vectorContent(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + length) & 255);
}
