import { formatEther } from "viem";

/** Wei as programs read it: all decimals, whole tokens, e.g. "12.5". */
export function weftJson(wei: bigint): string {
  return formatEther(wei);
}
