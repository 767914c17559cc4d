import { getBlock, readContract } from "viem/actions";
import { emissionAbi, stakeManagerAbi, weftTokenAbi } from "../../../workers/chain/generated/abi.ts";
import type { Connected, StakeAddresses } from "./account.ts";

/** What an account has to do with a neuron. Amounts in wei, times Unix seconds. */
export interface Position {
  readonly neuronId: bigint;
  /** Tokens in the wallet. */
  readonly tokens: bigint;
  readonly staked: bigint;
  readonly shares: bigint;
  readonly unbonding: readonly { readonly assets: bigint; readonly releaseAt: number }[];
  /** Of the neuron, owed to its coldkey. */
  readonly unclaimed: bigint;
  /** Part of dividends that the neuron's owner takes, 0 … 1. */
  readonly take: number;
  /** Whole epochs that stake waits after unstaking. */
  readonly unbondingEpochs: number;
  /** The chain's time. */
  readonly time: number;
}

/** Reads all of it through the wallet. @throws what viem throws */
export async function readPosition(
  { client, address }: Connected,
  { token, stakeManager, emission }: StakeAddresses,
  neuronId: bigint,
): Promise<Position> {
  const pool = { address: stakeManager, abi: stakeManagerAbi } as const;
  const account = [neuronId, address] as const;
  const [tokens, staked, shares, unbonding, earned, takeBps, unbondingEpochs, block] = await Promise.all([
    readContract(client, { address: token, abi: weftTokenAbi, functionName: "balanceOf", args: [address] }),
    readContract(client, { ...pool, functionName: "assetsOf", args: account }),
    readContract(client, { ...pool, functionName: "shares", args: account }),
    readContract(client, { ...pool, functionName: "unbonding", args: account }),
    readContract(client, { address: emission, abi: emissionAbi, functionName: "earned", args: [neuronId] }),
    readContract(client, { ...pool, functionName: "takeBpsOf", args: [neuronId] }),
    readContract(client, { ...pool, functionName: "unbondingEpochs" }),
    getBlock(client),
  ]);
  const [earnedTotal, claimedTotal] = earned;
  return {
    neuronId,
    tokens,
    staked,
    shares,
    unbonding: unbonding.map(({ assets, releaseAt }) => ({ assets, releaseAt: Number(releaseAt) })),
    unclaimed: earnedTotal - claimedTotal,
    take: Number(takeBps) / 10_000,
    unbondingEpochs: Number(unbondingEpochs),
    time: Number(block.timestamp),
  };
}
