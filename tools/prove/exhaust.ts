/** Runs a harness on every u16 in an EVM: Hardhat's, in process. */
import { network } from "hardhat";
import type { Abi } from "viem";
import type { Harness } from "./compile.ts";

export const ALL_U16 = 65_536;

export interface Call {
  readonly name: string;
  /** Inputs in one call, so that it stays below a transaction's gas. */
  readonly batch: number;
}

/** A deployed harness. `close` ends the chain. */
export async function deploy(harness: Harness) {
  const connection = await network.connect();
  const client = await connection.viem.getPublicClient();
  const [wallet] = await connection.viem.getWalletClients();
  const hash = await wallet.deployContract({
    abi: harness.abi as unknown as Abi,
    bytecode: `0x${harness.creationCode}`,
  });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  if (contractAddress === null || contractAddress === undefined)
    throw new Error("the harness has no address");
  return {
    read: (functionName: string, args: readonly unknown[]): Promise<unknown> =>
      client.readContract({
        address: contractAddress,
        abi: harness.abi as unknown as Abi,
        functionName,
        args,
      }),
    close: () => connection.close(),
  };
}

/** The first batch that reverts, or undefined when all u16 pass. */
export async function exhaust(harness: Harness, calls: readonly Call[]): Promise<string | undefined> {
  const deployed = await deploy(harness);
  try {
    for (const { name, batch } of calls) {
      for (let from = 0; from < ALL_U16; from += batch) {
        const to = Math.min(from + batch, ALL_U16);
        try {
          await deployed.read(name, [BigInt(from), BigInt(to)]);
        } catch (error) {
          return `${name} fails in [${from}, ${to}): ${String(error).split("\n").slice(0, 2).join(" ")}`;
        }
      }
    }
    return undefined;
  } finally {
    await deployed.close();
  }
}
