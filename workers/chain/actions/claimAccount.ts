import { type Address, encodeFunctionData, parseEventLogs } from "viem";
import { emissionAbi } from "../generated/abi.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";

/** Pays an account its treasury part or bounties; anyone may. `amount` in wei. @throws as `Sender.send` */
export async function claimAccount(
  run: SigningRun,
  account: Address,
  signal: AbortSignal,
): Promise<Sent & { readonly amount: bigint }> {
  const data = encodeFunctionData({ abi: emissionAbi, functionName: "claimAccount", args: [account] });
  const sent = await run.sender.send({ action: "claimAccount", to: run.addresses.emission, data }, signal);
  const [event] = parseEventLogs({ abi: emissionAbi, eventName: "AccountClaimed", logs: sent.logs });
  return { ...sent, amount: event?.args.amount ?? 0n };
}
