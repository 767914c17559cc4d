import type { Sent } from "../../workers/chain/sender.ts";

/** What programs learn of a transaction. */
export function transactionJson({ hash, gasUsed, blockNumber }: Sent) {
  return { transaction: hash, gasUsed: Number(gasUsed), block: Number(blockNumber) };
}
