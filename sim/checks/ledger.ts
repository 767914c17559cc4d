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
  const calls = [
    { ...token, functionName: "totalSupply" as const },
    { ...token, functionName: "MAX_SUPPLY" as const },
    { ...token, functionName: "issued" as const },
    ...owners.map((owner) => ({ ...token, functionName: "balanceOf" as const, args: [owner] as const })),
    ...ids.flatMap((id) => [
      { ...stakes, functionName: "poolAssets" as const, args: [id] as const },
      { ...stakes, functionName: "unbondingAssets" as const, args: [id] as const },
    ]),
    ...ids.map((id) => ({ ...vault, functionName: "collateralOf" as const, args: [id] as const })),
  ];
  const answers = await publicClient.multicall({
    allowFailure: false,
    deployless: true,
    batchSize: 0,
    contracts: calls,
  });
  const [supply, cap, issued, ...amounts] = answers.map((answer) =>
    typeof answer === "bigint" ? answer : answer[0],
  );
  const balances = amounts.slice(0, owners.length);
  const held = sum(balances);
  const vaultFrom = owners.length + 2 * ids.length;
  const staked = sum(amounts.slice(owners.length, vaultFrom));
  const locked = sum(amounts.slice(vaultFrom));
  const balanceOf = (owner: Address) => balances[owners.indexOf(owner)] ?? 0n;
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
