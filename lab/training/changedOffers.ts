import type { Offer, RoundWork, UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import type { Round } from "../../workers/protocol/quantities.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import { drawsOf } from "../random.ts";

/** A policy whose values are changed before they are compressed. */
export function changed(
  policy: UpdatePolicy,
  change: (values: Tensors, round: Round) => Tensors,
): UpdatePolicy {
  return {
    async offer(work, signal) {
      const offer = await policy.offer(work, signal);
      return offer && { ...offer, values: change(offer.values, work.state.round) };
    },
    close: () => policy.close(),
  };
}

/** Another policy in each round. */
export function switching(choose: (round: Round) => UpdatePolicy): UpdatePolicy {
  return {
    offer: (work, signal) => choose(work.state.round).offer(work, signal),
    close: async () => undefined,
  };
}

/** Sits every round out. */
export const sitOut: UpdatePolicy = { offer: async () => undefined, close: async () => undefined };

/** One update for several miners: who asks first makes it. */
export class SharedOffer {
  #round = -1;
  #offer: Promise<Offer | undefined> = Promise.resolve(undefined);

  of(policy: UpdatePolicy): UpdatePolicy {
    return {
      offer: (work: RoundWork, signal: AbortSignal) => {
        if (work.state.round !== this.#round) this.#offer = policy.offer(work, signal);
        this.#round = work.state.round;
        return this.#offer;
      },
      close: () => policy.close(),
    };
  }
}

export function scaled(values: Tensors, factor: number): Tensors {
  return values.map((tensor) => tensor.map((value) => value * factor));
}

/** Moves a share of the values that are not zero to positions drawn by lot. */
export function perturbed(values: Tensors, share: number, name: string): Tensors {
  const { uniform } = drawsOf(name);
  return values.map((tensor) => {
    const moved = tensor.slice();
    for (const [position, value] of tensor.entries()) {
      if (value === 0 || uniform() >= share) continue;
      moved[position] = 0;
      moved[Math.floor(uniform() * tensor.length)] = uniform() < 0.5 ? value : -value;
    }
    return moved;
  });
}

/** Adds a fixed direction to a fiftieth of the positions, a share of each tensor's largest value in size. */
export function poisoned(values: Tensors, share: number, name: string): Tensors {
  const { uniform } = drawsOf(name);
  return values.map((tensor) => {
    const largest = tensor.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return tensor.map((value) => {
      const [chosen, sign] = [uniform() < 0.02, uniform() < 0.5 ? 1 : -1];
      return chosen ? value + sign * share * largest : value;
    });
  });
}
