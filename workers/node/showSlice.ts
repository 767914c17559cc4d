import { answerChallenge } from "../chain/actions/challenge.ts";
import type { SigningRun } from "../chain/run.ts";
import type { Sent } from "../chain/sender.ts";
import { sliceProof } from "../protocol/dataRoot.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import { refFor } from "../storage/contentRef.ts";
import type { Run } from "./run.ts";

/**
 * Shows a slice of a revealed update from the content store, which ends an open challenge.
 * @throws as `ContentStore.get`, `Sender.send`
 */
export async function showSlice(
  signing: SigningRun,
  { store }: Pick<Run, "store">,
  { neuronId, round, digest, size }: RevealedUpdate,
  index: number,
  signal: AbortSignal,
): Promise<Sent> {
  const content = await store.get(refFor(digest, size), { maxBytes: size, signal });
  return answerChallenge(signing, neuronId, round, sliceProof(content, index), signal);
}
