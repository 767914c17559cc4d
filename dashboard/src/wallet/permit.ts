import type { Hex } from "viem";
import { getCode, readContract, signTypedData } from "viem/actions";
import { weftTokenAbi } from "../../../workers/chain/generated/abi.ts";
import { permitTypedData, permittedCall } from "../../../workers/protocol/tokenPermit.ts";
import type { Connected, StakeAddresses } from "./account.ts";

/** How the stake manager comes to take the tokens: it may already, with a signature, or after an approval. */
export type Allowing = "allowed" | "permit" | "approve";

/** Accounts that are contracts cannot sign a permit; those that only delegate (EIP-7702) can. */
export async function allowingOf(
  { client, address }: Connected,
  { token, stakeManager }: StakeAddresses,
  value: bigint,
): Promise<Allowing> {
  const [allowance, code] = await Promise.all([
    readContract(client, {
      address: token,
      abi: weftTokenAbi,
      functionName: "allowance",
      args: [address, stakeManager],
    }),
    getCode(client, { address }),
  ]);
  if (allowance >= value) return "allowed";
  return code === undefined || code === "0x" || code.startsWith("0xef0100") ? "permit" : "approve";
}

/** Calldata that lets the stake manager take `value` wei until `deadline` (Unix seconds) and runs `call`. */
export async function withPermit(
  { client, address, chainId }: Connected,
  { token, stakeManager }: StakeAddresses,
  { value, deadline, call }: { readonly value: bigint; readonly deadline: bigint; readonly call: Hex },
): Promise<Hex> {
  const contract = { address: token, abi: weftTokenAbi } as const;
  const [nonce, [, name, version]] = await Promise.all([
    readContract(client, { ...contract, functionName: "nonces", args: [address] }),
    readContract(client, { ...contract, functionName: "eip712Domain" }),
  ]);
  const domain = { name, version, chainId, token };
  const message = { owner: address, spender: stakeManager, value, nonce, deadline };
  const signature = await signTypedData(client, permitTypedData(domain, message));
  return permittedCall(signature, { value, deadline, call });
}
