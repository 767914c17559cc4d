import { encodeFunctionData, parseEventLogs } from "viem";
import type { NeuronId } from "../../protocol/quantities.ts";
import { stakeManagerAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";
import { deadlineIn } from "./deadline.ts";
import { withPermit } from "./withPermit.ts";

/** Most of the shares expected now that the pool's movement until then may cost, in basis points. */
const SLIPPAGE_BPS = 50n;

/** Stakes `assets` wei of the signer's tokens on a neuron's pool, its own or another's. @throws as `Sender.send` */
export async function stake(
  run: SigningRun,
  neuronId: NeuronId,
  assets: bigint,
  signal: AbortSignal,
): Promise<Sent & { readonly shares: bigint }> {
  const { stakeManager } = run.addresses;
  const expected = await callRpc("preview the stake", signal, () =>
    run.publicClient.readContract({
      address: stakeManager,
      abi: stakeManagerAbi,
      functionName: "previewStake",
      args: [neuronId, assets],
    }),
  );
  const minShares = (expected * (10_000n - SLIPPAGE_BPS)) / 10_000n;
  const deadline = await deadlineIn(run, signal);
  const args = [neuronId, assets, minShares, deadline] as const;
  const call = encodeFunctionData({ abi: stakeManagerAbi, functionName: "stake", args });
  const data = await withPermit(run, { spender: stakeManager, value: assets, deadline, call }, signal);
  const sent = await run.sender.send({ action: "stake", to: stakeManager, data }, signal);
  const [event] = parseEventLogs({ abi: stakeManagerAbi, eventName: "Staked", logs: sent.logs });
  return { ...sent, shares: event?.args.shares ?? 0n };
}
