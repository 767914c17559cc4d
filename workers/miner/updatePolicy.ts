import type { RunFollower } from "../node/follower.ts";
import type { LateStart } from "../node/lateStart.ts";
import type { Run } from "../node/run.ts";
import type { ModelState } from "../node/stateContent.ts";
import type { UpdateReader } from "../node/updateReader.ts";
import type { NeuronId } from "../protocol/quantities.ts";
import type { Tensors } from "../protocol/tensors.ts";
import type { Moments, WorkerState } from "../training/workerState.ts";

/** What a miner process gives its policy once, at the start. */
export interface MinerContext {
  readonly run: Run;
  readonly neuronId: NeuronId;
  readonly follower: RunFollower;
  readonly updates: UpdateReader;
}

/** What a policy starts from in a round. Nothing of it may be changed in place. */
export interface RoundWork {
  /** θ and root at the start of the round. */
  readonly state: ModelState;
  /** Error feedback and moments after the miner's last revealed update. */
  readonly workerState: WorkerState;
  /** What the round's late steps begin from; absent where it has none. */
  readonly late?: LateStart;
}

/** What a policy hands to compression. */
export interface Offer {
  /** Values per tensor in manifest order, finite: pseudo-gradient plus error feedback. */
  readonly values: Tensors;
  /** Moments after the round. */
  readonly moments: Moments;
  /** Mean training loss of the round, nats per token. */
  readonly trainLoss?: number;
}

/** How a miner comes by its update. Everything around it (compression, commitment, keys) is the same for all. */
export interface UpdatePolicy {
  /**
   * What to compress and commit; undefined to sit the round out.
   * @throws the signal's reason once it aborts
   */
  offer(work: RoundWork, signal: AbortSignal): Promise<Offer | undefined>;
  /**
   * Begins the late steps of a round that is to come, while the update before it travels; what they come to, `offer` finds. It
   * may never ask: then they are for nothing.
   * @param workerState that the round starts with if that update is revealed
   */
  begin?(late: LateStart, workerState: WorkerState, signal: AbortSignal): void;
  close(): Promise<void>;
}
