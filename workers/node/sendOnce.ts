import { ContractRevert } from "../chain/contractRevert.ts";
import type { Sent } from "../chain/sender.ts";
import type { BlockTime } from "../protocol/quantities.ts";
import type { RunFollower } from "./follower.ts";

/** A transaction that a contract takes once. */
export interface OnceSent {
  readonly send: () => Promise<Sent>;
  /** Name of the error with which the contract refuses it the second time. */
  readonly refusal: "AlreadyCommitted" | "AlreadyRevealed";
  /** Whether the chain shows what it does. */
  readonly isThere: () => boolean;
  /** Until when a transaction of before, which waits for a block, is waited for; Unix seconds. */
  readonly until: BlockTime;
}

/**
 * Sends it; undefined where the contract has it already, from before a crash or a reorganisation, and the chain shows so.
 * @throws as `Sender.send`; the refusal where the chain shows something else
 */
export async function sendOnce(
  follower: RunFollower,
  { send, refusal, isThere, until }: OnceSent,
  signal: AbortSignal,
): Promise<Sent | undefined> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ContractRevert) || error.errorName !== refusal) throw error;
    if (await follower.until(isThere, until, signal)) return undefined;
    throw error;
  }
}

/**
 * Does `work`, and again after each reorganisation, until the chain's time reaches `time`: what was sent may have vanished.
 * @throws what `work` throws
 */
export async function repeatOnRewind(
  follower: RunFollower,
  time: BlockTime,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { rewinds } = follower;
    await work();
    if (!(await follower.until(() => follower.rewinds !== rewinds, time, signal))) return;
    // What was sent and not read yet may stand on the new chain.
    await follower.look(signal);
  }
}
