import { type Hex, hexToBytes } from "viem";
import type { CreditedEvent } from "./chainEvents.ts";

/** Bytes of a neuronId and of an amount in wei, big-endian. */
const idBytes = 8;
const amountBytes = 16;

/** Entries of `Emission.Credited.miners`: neuronId u64, incentive u128. @throws RangeError for a list cut short */
export function unpackMinerCredits(packed: Hex): CreditedEvent["miners"] {
  return entries(packed, 1).map(([neuronId = 0n, incentive = 0n]) => ({ neuronId, incentive }));
}

/** Entries of `Emission.Credited.validators`: neuronId u64, dividend u128, take u128. @throws RangeError likewise */
export function unpackValidatorCredits(packed: Hex): CreditedEvent["validators"] {
  return entries(packed, 2).map(([neuronId = 0n, dividend = 0n, take = 0n]) => ({
    neuronId,
    dividend,
    take,
  }));
}

function entries(packed: Hex, amounts: number): bigint[][] {
  const bytes = hexToBytes(packed);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = idBytes + amounts * amountBytes;
  if (bytes.length % width !== 0) throw new RangeError(`${bytes.length} bytes are no entries of ${width}`);
  return Array.from({ length: bytes.length / width }, (_, index) => {
    const start = index * width;
    const amount = (k: number) => {
      const at = start + idBytes + k * amountBytes;
      return (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
    };
    return [view.getBigUint64(start), ...Array.from({ length: amounts }, (_, k) => amount(k))];
  });
}
