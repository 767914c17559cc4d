import type { Hex } from "viem";
import type { ChallengeAnsweredEvent, ChallengeExpiredEvent, ChallengeOpenedEvent } from "./chainEvents.ts";
import type { BlockTime, NeuronId, Round } from "./quantities.ts";

/** A challenge that waits for its answer. */
export interface OpenChallenge {
  readonly neuronId: NeuronId;
  readonly round: Round;
  readonly challenger: Hex;
  /** Slice of 1 KiB that is asked for. */
  readonly index: number;
  readonly deadline: BlockTime;
  /** Wei. */
  readonly bond: bigint;
}

/** Challenges of updates; the contract allows one at a time for each. */
export class ChallengeHistory {
  readonly #open = new Map<string, OpenChallenge>();

  applyOpened({ neuronId, round, challenger, index, deadline, bond }: ChallengeOpenedEvent): void {
    this.#open.set(keyOf(neuronId, round), { neuronId, round, challenger, index, deadline, bond });
  }

  applyClosed({ neuronId, round }: ChallengeAnsweredEvent | ChallengeExpiredEvent): void {
    this.#open.delete(keyOf(neuronId, round));
  }

  open(neuronId: NeuronId): OpenChallenge[] {
    return [...this.#open.values()].filter((challenge) => challenge.neuronId === neuronId);
  }
}

function keyOf(neuronId: NeuronId, round: Round): string {
  return `${neuronId} ${round}`;
}
