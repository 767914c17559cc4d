import type { Hex } from "viem";
import type { UpdatePlan, WeightsPlan } from "../../workers/database/journalEntries.ts";

/** A 32-byte value that says its index and kind. */
export function word(index: number, kind: number): Hex {
  return `0x${kind.toString(16).padStart(2, "0")}${index.toString(16).padStart(62, "0")}`;
}

export function updatePlan(round: number): UpdatePlan {
  return {
    round,
    neuronId: 7n,
    salt: word(round, 1),
    commitment: word(round, 2),
    content: { cid: `content${round}`, digest: word(round, 3), size: 1000 + round },
    dataRoot: word(round, 4),
    plaintext: { cid: `plain${round}`, digest: word(round, 5), size: 900 + round },
  };
}

export function weightsPlan(epoch: number): WeightsPlan {
  return {
    epoch,
    neuronId: 7n,
    salt: word(epoch, 6),
    commitment: word(epoch, 7),
    row: "0x00010002",
    log: { cid: `log${epoch}`, digest: word(epoch, 8), size: 10 },
  };
}
