import type {
  ChainPosition,
  ChallengeAnsweredEvent,
  ChallengeExpiredEvent,
  ChallengeOpenedEvent,
} from "./chainEvents.ts";
import type { NeuronId, Round } from "./quantities.ts";

/** A challenge that waits for its answer: what its event says. */
export type OpenChallenge = Omit<ChallengeOpenedEvent, "type" | keyof ChainPosition>;

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
