import { readBlock } from "../blocks.ts";
import type { RunContracts } from "../run.ts";

/** Seconds of chain time that a signed call stays valid: long enough for a congested chain. */
const VALID_SECONDS = 600;

/** Unix seconds of chain time until which a call signed now may be mined. @throws RetryableError as `rpcError` */
export async function deadlineIn(run: RunContracts, signal: AbortSignal): Promise<bigint> {
  const { timestamp } = await readBlock(run.publicClient, "latest", signal);
  return BigInt(timestamp + VALID_SECONDS);
}
