import { kTransferable, kValue, Tinypool } from "tinypool";
import { type SealedUpdate, type Unsealed, type Unusable, unseal } from "./sealing.ts";

/** Entry of the threads of `unsealInThreads`: what was decoded goes back without being copied. */
export default function unsealAndMove(sealed: SealedUpdate): unknown {
  const result: Unsealed | Unusable = unseal(sealed);
  if ("unusable" in result) return result;
  const arrays = [result.plain, ...result.tensors.flatMap(({ positions, values }) => [positions, values])];
  const buffers = new Set(arrays.map(({ buffer }) => buffer));
  return Tinypool.move({ [kTransferable]: [...buffers], [kValue]: result });
}
