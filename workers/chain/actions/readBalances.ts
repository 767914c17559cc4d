import type { Address } from "viem";
import { weftTokenAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts } from "../run.ts";

/** What an account holds: wei of the chain's coin and of WEFT. @throws RetryableError as `rpcError` */
export async function readBalances(
  run: RunContracts,
  account: Address,
  signal: AbortSignal,
): Promise<{ readonly coin: bigint; readonly tokens: bigint }> {
  const [coin, tokens] = await callRpc("read balances", signal, () =>
    Promise.all([
      run.publicClient.getBalance({ address: account }),
      run.publicClient.readContract({
        address: run.addresses.token,
        abi: weftTokenAbi,
        functionName: "balanceOf",
        args: [account],
      }),
    ]),
  );
  return { coin, tokens };
}
