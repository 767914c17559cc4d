import { type Abi, decodeFunctionData, type Hex, type PublicClient } from "viem";

/** Gas of one kind of transaction over a run, from receipts. */
export interface ActionGas {
  readonly count: number;
  readonly median: number;
}

/** A successful transaction to one of the run's contracts. */
export interface RunTransaction {
  readonly hash: Hex;
  readonly action: string;
  readonly gasUsed: number;
  readonly blockNumber: bigint;
  readonly timestamp: number;
}

/** ABI of each contract by lower-case address. */
export type AbisByAddress = ReadonlyMap<string, Abi>;

/** Every successful transaction to the given contracts from `fromBlock` on, in chain order. */
export async function runTransactions(
  client: PublicClient,
  abis: AbisByAddress,
  fromBlock: bigint,
): Promise<RunTransaction[]> {
  const found: RunTransaction[] = [];
  const latest = await client.getBlockNumber();
  for (let blockNumber = fromBlock; blockNumber <= latest; blockNumber += 1n) {
    const block = await client.getBlock({ blockNumber, includeTransactions: true });
    for (const transaction of block.transactions) {
      const abi = transaction.to === null ? undefined : abis.get(transaction.to.toLowerCase());
      if (abi === undefined) continue;
      const receipt = await client.getTransactionReceipt({ hash: transaction.hash });
      if (receipt.status !== "success") continue;
      const action = actionName(abi, transaction.input);
      const { hash } = transaction;
      const gasUsed = Number(receipt.gasUsed);
      found.push({ hash, action, gasUsed, blockNumber, timestamp: Number(block.timestamp) });
    }
  }
  return found;
}

/** Count and median gas by action, in the order of the names. */
export function gasPerAction(transactions: readonly RunTransaction[]): Record<string, ActionGas> {
  const byAction = Map.groupBy(transactions, (transaction) => transaction.action);
  const entries = [...byAction].map(([action, group]): [string, ActionGas] => [
    action,
    { count: group.length, median: median(group.map((transaction) => transaction.gasUsed)) },
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Storage writes from zero to non-zero in the given transactions, from their traces. */
export async function newStorageSlots(
  client: PublicClient,
  transactions: readonly RunTransaction[],
): Promise<number> {
  let slots = 0;
  for (const { hash } of transactions) {
    // viem's typed client does not know the debug namespace.
    const request = client.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
    const options = { disableMemory: true, disableStack: true, disableStorage: true };
    const trace = await request({ method: "debug_traceTransaction", params: [hash, options] });
    slots += countNewSlots(trace);
  }
  return slots;
}

/** Only a write of a non-zero value to an empty slot costs 20,000 gas or more (EIP-2200, EIP-2929). */
const newSlotGas = 20_000;

function countNewSlots(trace: unknown): number {
  if (typeof trace !== "object" || trace === null || !("structLogs" in trace)) return 0;
  const { structLogs } = trace;
  if (!Array.isArray(structLogs)) return 0;
  return structLogs.filter((step: { op?: unknown; gasCost?: unknown }) => {
    return step.op === "SSTORE" && Number(step.gasCost) >= newSlotGas;
  }).length;
}

/** `multicall` is named after the last call in it: that is the action, the rest prepares it. */
function actionName(abi: Abi, input: Hex): string {
  try {
    const { functionName, args } = decodeFunctionData({ abi, data: input });
    const inner = functionName === "multicall" ? args?.[0] : undefined;
    if (Array.isArray(inner) && inner.length > 0) return actionName(abi, inner.at(-1));
    return functionName;
  } catch {
    return input.slice(0, 10);
  }
}

/** Lower median. 0 of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
