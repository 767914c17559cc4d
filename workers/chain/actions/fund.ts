import { type Address, encodeFunctionData } from "viem";
import { weftTokenAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

export interface Funding {
  readonly to: Address;
  /** Wei of the chain's own coin, for gas; none when absent. */
  readonly coin?: bigint;
  /** Wei of WEFT; none when absent. */
  readonly tokens?: bigint;
}

/** Sends coin, tokens or both, one transaction each; gives them in that order. @throws as `Sender.send` */
export async function fund(run: SigningRun, funding: Funding, signal: AbortSignal): Promise<Sent[]> {
  const { to, coin = 0n, tokens = 0n } = funding;
  const sent: Sent[] = [];
  if (coin > 0n)
    sent.push(await run.sender.send({ action: "fund coin", to, data: "0x", value: coin }, signal));
  if (tokens > 0n) {
    const data = encodeFunctionData({ abi: weftTokenAbi, functionName: "transfer", args: [to, tokens] });
    sent.push(await run.sender.send({ action: "fund tokens", to: run.addresses.token, data }, signal));
  }
  return sent;
}
