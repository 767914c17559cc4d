import type { Address } from "viem";
import {
  collateralVaultAbi,
  metagraphAbi,
  stakeManagerAbi,
  weftTokenAbi,
} from "../../workers/chain/generated/abi.ts";
import type { RunContracts } from "../../workers/chain/run.ts";

/** What is wrong with the run's books at the head of the chain, one sentence each; none when all adds up. */
export async function ledgerProblems(
  { publicClient, addresses }: RunContracts,
  holders: readonly Address[],
  treasury: Address,
): Promise<string[]> {
  const token = { address: addresses.token, abi: weftTokenAbi } as const;
  const stakes = { address: addresses.stakeManager, abi: stakeManagerAbi } as const;
  const metagraph = { address: addresses.metagraph, abi: metagraphAbi } as const;
  const vault = { address: addresses.vault, abi: collateralVaultAbi } as const;
  const neurons = await publicClient.readContract({ ...metagraph, functionName: "neuronCount" });
  const ids = Array.from({ length: Number(neurons) }, (_, index) => BigInt(index + 1));
  const owners = [...new Set([...holders, ...Object.values(addresses), treasury])];
  const balances = await publicClient.multicall({
    allowFailure: false,
    deployless: true,
    contracts: owners.map((owner) => ({
      ...token,
      functionName: "balanceOf" as const,
      args: [owner] as const,
    })),
  });
  const [supply, cap, issued] = await publicClient.multicall({
    allowFailure: false,
    deployless: true,
    contracts: [
      { ...token, functionName: "totalSupply" },
      { ...token, functionName: "MAX_SUPPLY" },
      { ...token, functionName: "issued" },
    ],
  });
  const pools = await publicClient.multicall({
    allowFailure: false,
    deployless: true,
    contracts: ids.flatMap((id) => [
      { ...stakes, functionName: "poolAssets" as const, args: [id] as const },
      { ...stakes, functionName: "unbondingAssets" as const, args: [id] as const },
    ]),
  });
  const collaterals = await publicClient.multicall({
    allowFailure: false,
    deployless: true,
    contracts: ids.map((id) => ({ ...vault, functionName: "collateralOf" as const, args: [id] as const })),
  });
  const balanceOf = (owner: Address) => balances[owners.indexOf(owner)] ?? 0n;
  const held = sum(balances);
  const staked = sum(pools);
  const locked = sum(collaterals.map(([amount]) => amount));
  const problems: string[] = [];
  if (held !== supply) problems.push(`balances add up to ${held} wei, the supply is ${supply}`);
  if (issued > cap) problems.push(`${issued} wei were issued, ${cap} may be`);
  if (balanceOf(addresses.stakeManager) < staked)
    problems.push(`pools hold ${staked} wei, the stake manager ${balanceOf(addresses.stakeManager)}`);
  if (balanceOf(addresses.vault) < locked)
    problems.push(`collateral is ${locked} wei, the vault holds ${balanceOf(addresses.vault)}`);
  return problems;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
