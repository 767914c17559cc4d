import { formatEther } from "viem";
import type { Sent } from "../../workers/chain/sender.ts";

/** Wei as programs read it: all decimals, whole tokens, e.g. "12.5". */
export function weftJson(wei: bigint): string {
  return formatEther(wei);
}

/** What programs learn of a transaction. */
export function transactionJson({ hash, gasUsed, blockNumber }: Sent) {
  return { transaction: hash, gasUsed: Number(gasUsed), block: Number(blockNumber) };
}
