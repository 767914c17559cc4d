import type { Address, Hex } from "viem";
import { permitTypedData, permittedCall } from "../../protocol/tokenPermit.ts";
import { weftTokenAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { SigningRun } from "../run.ts";

export interface Spending {
  /** The contract that spends, and that `call` is for: it has `multicall` and `selfPermit`. */
  readonly spender: Address;
  /** Wei. */
  readonly value: bigint;
  /** Unix seconds. */
  readonly deadline: bigint;
  readonly call: Hex;
}

/**
 * Calldata that lets the spender take `value` and runs `call`, in one transaction; `call` alone where the allowance
 * already suffices. @throws RetryableError as `rpcError`
 */
export async function withPermit(run: SigningRun, spending: Spending, signal: AbortSignal): Promise<Hex> {
  const { spender, value, deadline, call } = spending;
  const owner = run.sender.address;
  const token = { address: run.addresses.token, abi: weftTokenAbi } as const;
  const [allowance, nonce, domain] = await callRpc("read the token", signal, () =>
    Promise.all([
      run.publicClient.readContract({ ...token, functionName: "allowance", args: [owner, spender] }),
      run.publicClient.readContract({ ...token, functionName: "nonces", args: [owner] }),
      run.publicClient.readContract({ ...token, functionName: "eip712Domain" }),
    ]),
  );
  if (allowance >= value) return call;
  const [, name, version] = domain;
  const named = { name, version, chainId: run.chainId, token: token.address };
  const typed = permitTypedData(named, { owner, spender, value, nonce, deadline });
  const signature = await run.sender.signer.signTypedData(typed);
  return permittedCall(signature, spending);
}
