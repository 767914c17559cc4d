import type { Address } from "viem";

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
