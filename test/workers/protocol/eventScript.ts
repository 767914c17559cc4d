import { type Hex, keccak256, toHex } from "viem";
import type { ChainEvent } from "../../../workers/protocol/chainEvents.ts";
import { epochAt, type RoundClock, roundStart } from "../../../workers/protocol/clock.ts";

/** An event without its place on the chain. */
type Bare<E = ChainEvent> = E extends ChainEvent ? Omit<E, "blockNumber" | "logIndex" | "time"> : never;

export const clock: RoundClock = {
  genesis: 1000,
  period: 20,
  commitSeconds: 12,
  revealSeconds: 16,
  tempo: 3,
};
export const NOBODY = 2n ** 256n - 1n;

/** Hotkey of a neuron in these tests. */
export const hotkeyOf = (neuronId: bigint): Hex => `0x${neuronId.toString(16).padStart(40, "a")}`;
export const hashOf = (name: string): Hex => keccak256(toHex(name));

/** Writes a chain's events in order; one block per event unless time stands still. */
export class EventScript {
  readonly events: ChainEvent[] = [];
  #time = 0;

  at(time: number): this {
    this.#time = time;
    return this;
  }

  /** Seconds after the start of a round. */
  inRound(round: number, offset: number): this {
    return this.at(roundStart(clock, round) + offset);
  }

  add(event: Bare): this {
    const place = { blockNumber: BigInt(this.#time), logIndex: this.events.length, time: this.#time };
    this.events.push({ ...event, ...place });
    return this;
  }

  register(neuronId: bigint, uid: number, replacedNeuronId = 0n): this {
    const hotkey = hotkeyOf(neuronId);
    const epoch = epochAt(clock, this.#time);
    return this.add({
      type: "Registered",
      neuronId,
      uid,
      hotkey,
      coldkey: hotkey,
      replacedNeuronId,
      epoch,
      burned: 1n,
    });
  }

  stake(neuronId: bigint, assets: bigint): this {
    return this.add({ type: "PoolChanged", neuronId, epoch: epochAt(clock, this.#time), assets });
  }

  permit(uid: number, neuronId: bigint, fromEpoch: number, word: bigint): this {
    return this.add({ type: "PermitClaimed", uid, neuronId, fromEpoch, word, evictedUid: NOBODY });
  }

  commit(round: number, neuronId: bigint): this {
    const digest = hashOf(`digest ${round} ${neuronId}`);
    return this.add({ type: "UpdateCommitted", round, hotkey: hotkeyOf(neuronId), digest, size: 100 });
  }

  reveal(round: number, neuronId: bigint, uid: number): this {
    const digest = hashOf(`digest ${round} ${neuronId}`);
    const salt = hashOf(`salt ${round} ${neuronId}`);
    const dataRoot = hashOf(`data ${round} ${neuronId}`);
    return this.add({ type: "UpdateRevealed", round, neuronId, uid, digest, size: 100, dataRoot, salt });
  }

  attest(round: number, neuronId: bigint, uid: number, bitmap: bigint): this {
    return this.add({ type: "Attested", round, neuronId, uid, bitmap });
  }
}
