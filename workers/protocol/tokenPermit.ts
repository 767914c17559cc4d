import { type Address, encodeFunctionData, type Hex, parseSignature } from "viem";

const TYPES = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** The token as its `eip712Domain` names it. */
export interface TokenDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly token: Address;
}

/** What an owner signs (EIP-2612) to let `spender` take `value` wei until `deadline`, Unix seconds. */
export function permitTypedData(
  { token, ...domain }: TokenDomain,
  message: {
    readonly owner: Address;
    readonly spender: Address;
    readonly value: bigint;
    readonly nonce: bigint;
    readonly deadline: bigint;
  },
) {
  return {
    domain: { ...domain, verifyingContract: token },
    types: TYPES,
    primaryType: "Permit",
    message,
  } as const;
}

/** What every contract that spends has, from one mixin (`SelfPermit` and `Multicall`). */
const spenderAbi = [
  {
    type: "function",
    name: "selfPermit",
    stateMutability: "nonpayable",
    inputs: [
      { name: "value", type: "uint256" },
      { name: "deadline", type: "uint256" },
      { name: "v", type: "uint8" },
      { name: "r", type: "bytes32" },
      { name: "s", type: "bytes32" },
    ],
    outputs: [],
  },
  {
    type: "function",
    name: "multicall",
    stateMutability: "nonpayable",
    inputs: [{ name: "data", type: "bytes[]" }],
    outputs: [{ name: "results", type: "bytes[]" }],
  },
] as const;

/** Calldata for the spender: uses the signature of `permitTypedData`, then runs `call`. */
export function permittedCall(
  signature: Hex,
  { value, deadline, call }: { readonly value: bigint; readonly deadline: bigint; readonly call: Hex },
): Hex {
  const { r, s, yParity } = parseSignature(signature);
  const permit = encodeFunctionData({
    abi: spenderAbi,
    functionName: "selfPermit",
    args: [value, deadline, 27 + yParity, r, s],
  });
  return encodeFunctionData({ abi: spenderAbi, functionName: "multicall", args: [[permit, call]] });
}
