import { Tinypool } from "tinypool";
import { parameterCount, type TensorSpec } from "../protocol/tensors.ts";
import { type Unseal, type Unsealed, type Unusable, unsealHere } from "./sealing.ts";

/** Parameters from which updates are unsealed in other threads: below, handing them over takes longer. */
const leastParameters = 4_000_000;
/** Milliseconds without work after which a thread ends. */
const idleMs = 60_000;

/** How a run's updates are unsealed: large ones in threads, so that this one stays free and several go on at a time. */
export function unsealerFor(specs: readonly TensorSpec[], threads: number): Unseal {
  return parameterCount(specs) < leastParameters ? unsealHere : unsealInThreads(threads);
}

/** @param threads at most; they start when they are needed */
export function unsealInThreads(threads: number): Unseal {
  const filename = new URL("./unsealingThread.ts", import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: 0, maxThreads: threads, idleTimeout: idleMs });
  return async (sealed, signal) => {
    signal.throwIfAborted();
    try {
      const result: Unsealed | Unusable = await pool.run(sealed, { signal });
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  };
}
