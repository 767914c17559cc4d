import { type Hex, keccak256, stringToBytes } from "viem";

/** A static ABI value: a number is a uint256, hex is a bytes32 or an address. */
export type Word = Hex | bigint | number;

/** `abi.encode` of static values: one 32-byte word each, left-padded. */
export function encodeWords(values: readonly Word[]): Hex {
  return `0x${values.map(wordDigits).join("")}`;
}

/** `keccak256(abi.encode(values…))`. */
export function hashWords(values: readonly Word[]): Hex {
  return keccak256(encodeWords(values));
}

/** keccak256 of a name's UTF-8 bytes, as Solidity's `keccak256("name")`: what separates the uses of a hash. */
export function nameTag(name: string): Hex {
  return keccak256(stringToBytes(name));
}

function wordDigits(value: Word): string {
  const digits = typeof value === "string" ? value.slice(2) : BigInt(value).toString(16);
  return digits.padStart(64, "0").toLowerCase();
}
