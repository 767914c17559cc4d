import { encodeFunctionData, parseEventLogs } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { stakeManagerAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";
import { deadlineIn } from "./deadline.ts";

/** `assets` in wei, payable by `withdraw` from `releaseAt` (Unix seconds) on. */
export interface Unstaked extends Sent {
  readonly assets: bigint;
  readonly releaseAt: number;
}

/**
 * Gives up stake worth `assets` wei now, or all of the signer's when it holds less or `assets` is "all".
 * @throws as `Sender.send`
 */
export async function unstake(
  run: SigningRun,
  neuronId: NeuronId,
  assets: bigint | "all",
  signal: AbortSignal,
): Promise<Unstaked> {
  const { stakeManager } = run.addresses;
  const pool = { address: stakeManager, abi: stakeManagerAbi } as const;
  const account = [neuronId, run.sender.address] as const;
  const [held, worth] = await callRpc("read the stake", signal, () =>
    Promise.all([
      run.publicClient.readContract({ ...pool, functionName: "shares", args: account }),
      run.publicClient.readContract({ ...pool, functionName: "assetsOf", args: account }),
    ]),
  );
  const shares = sharesFor(assets, held, worth);
  const args = [neuronId, shares, 0n, await deadlineIn(run, signal)] as const; // a pool's share never loses value
  const data = encodeFunctionData({ abi: stakeManagerAbi, functionName: "unstake", args });
  const sent = await run.sender.send({ action: "unstake", to: stakeManager, data }, signal);
  const [event] = parseEventLogs({ abi: stakeManagerAbi, eventName: "Unstaked", logs: sent.logs });
  return { ...sent, assets: event?.args.assets ?? 0n, releaseAt: Number(event?.args.releaseAt ?? 0n) };
}

/** Shares worth at least `assets`, rounded up, at most all that are held. Holding none: 1, which the contract refuses. */
function sharesFor(assets: bigint | "all", held: bigint, worth: bigint): bigint {
  if (held === 0n) return 1n;
  if (assets === "all" || assets >= worth) return held;
  return (assets * held + worth - 1n) / worth;
}
