import type { Hex } from "viem";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { RunHistory } from "../protocol/runHistory.ts";
import { lateSteps } from "../training/lateSteps.ts";
import type { ModelStates } from "./modelStates.ts";
import type { Run } from "./run.ts";
import type { ModelState } from "./stateContent.ts";
import { type DecodedUpdate, InvalidUpdate, type UpdateReader } from "./updateReader.ts";

/** What a miner's late steps of a round begin from. */
export interface LateStart {
  /** The round that they belong to. */
  readonly round: Round;
  /** θ of the round before. */
  readonly from: ModelState;
  /** The miner's own update of the round before. */
  readonly sent: readonly SparseTensor[];
}

export interface LateSources {
  readonly run: Pick<Run, "manifest">;
  readonly states: Pick<ModelStates, "at">;
  readonly updates: Pick<UpdateReader, "readFor">;
  readonly history: RunHistory;
}

/**
 * What the late steps of a miner's round begin from: undefined where it has none, because the run does not overlap then, or the
 * miner revealed no valid update in the round before, or starts from another worker state than that one left. It then
 * trains from θ alone. Follows from chain and content, for the miner as for whoever audits it.
 * @param stateBefore root of the worker state that the round starts with
 * @throws what the content store throws where the update is not to be had; FatalError STATE_TOO_OLD
 */
export async function lateStart(
  { run, states, updates, history }: LateSources,
  miner: NeuronId,
  round: Round,
  stateBefore: Hex,
  signal: AbortSignal,
): Promise<LateStart | undefined> {
  if (lateSteps(run.manifest, round) === 0) return undefined;
  const reveal = history.rounds.reveal(round - 1, miner);
  if (reveal === undefined) return undefined;
  const from = await states.at(round - 1, signal);
  let sent: DecodedUpdate;
  try {
    sent = await updates.readFor(from.root, reveal, signal);
  } catch (error) {
    if (error instanceof InvalidUpdate) return undefined;
    throw error;
  }
  return sent.header.stateAfter === stateBefore ? { round, from, sent: sent.tensors } : undefined;
}
