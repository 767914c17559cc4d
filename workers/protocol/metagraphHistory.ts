import type { Hex } from "viem";
import type {
  ColdkeyTransferredEvent,
  CreditedEvent,
  HotkeyRotatedEvent,
  PermitClaimedEvent,
  PoolChangedEvent,
  RegisteredEvent,
} from "./chainEvents.ts";
import { epochAt, type RoundClock, roundStart } from "./clock.ts";
import type { BlockTime, Epoch, NeuronId, Round, Uid } from "./quantities.ts";

/** A neuron with its latest keys; it may have lost its uid since. */
export interface Neuron {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly hotkey: Hex;
  readonly coldkey: Hex;
  readonly registeredEpoch: Epoch;
  readonly registeredAt: BlockTime;
}

/** Assets of a pool from some epoch's inside on; `epoch` is −1 for what stood before genesis. */
interface PoolEntry {
  readonly epoch: number;
  readonly assets: bigint;
}

/** Who held which uid, permit and stake at any time, from the events of `Metagraph`, `StakeManager` and `Emission`. */
export class MetagraphHistory {
  readonly #clock: RoundClock;
  readonly #neurons = new Map<NeuronId, Neuron>();
  readonly #holders: Neuron[][] = [];
  readonly #byHotkey = new Map<string, NeuronId>();
  readonly #permits: { fromEpoch: Epoch; word: bigint }[] = [];
  readonly #pools = new Map<NeuronId, PoolEntry[]>();

  constructor(clock: RoundClock) {
    this.#clock = clock;
  }

  applyRegistered(event: RegisteredEvent): void {
    const { neuronId, uid, hotkey, coldkey, epoch, time } = event;
    const neuron = { neuronId, uid, hotkey, coldkey, registeredEpoch: epoch, registeredAt: time };
    const replaced = this.#neurons.get(event.replacedNeuronId);
    if (replaced !== undefined) this.#byHotkey.delete(replaced.hotkey.toLowerCase());
    this.#neurons.set(neuronId, neuron);
    this.#byHotkey.set(hotkey.toLowerCase(), neuronId);
    while (this.#holders.length <= uid) this.#holders.push([]);
    this.#holders[uid].push(neuron);
  }

  applyHotkeyRotated({ neuronId, from, to }: HotkeyRotatedEvent): void {
    this.#change(neuronId, { hotkey: to });
    this.#byHotkey.delete(from.toLowerCase());
    this.#byHotkey.set(to.toLowerCase(), neuronId);
  }

  applyColdkeyTransferred({ neuronId, to }: ColdkeyTransferredEvent): void {
    this.#change(neuronId, { coldkey: to });
  }

  #change(neuronId: NeuronId, keys: Partial<Pick<Neuron, "hotkey" | "coldkey">>): void {
    const neuron = this.#neurons.get(neuronId);
    if (neuron === undefined) return;
    const changed = { ...neuron, ...keys };
    this.#neurons.set(neuronId, changed);
    const holders = this.#holders[neuron.uid] ?? [];
    this.#holders[neuron.uid] = holders.map((holder) => (holder.neuronId === neuronId ? changed : holder));
  }

  applyPermitClaimed({ fromEpoch, word }: PermitClaimedEvent): void {
    const last = this.#permits.at(-1);
    if (last?.fromEpoch === fromEpoch) last.word = word;
    else this.#permits.push({ fromEpoch, word });
  }

  applyPoolChanged({ neuronId, assets, time }: PoolChangedEvent): void {
    this.#setPool(neuronId, assets, time);
  }

  /** Rewards change pools without a `PoolChanged`: by the dividend less the take. */
  applyCredited({ validators, time }: CreditedEvent): void {
    for (const { neuronId, dividend, take } of validators) {
      if (dividend > take) this.#setPool(neuronId, this.#assets(neuronId) + dividend - take, time);
    }
  }

  #assets(neuronId: NeuronId): bigint {
    return this.#pools.get(neuronId)?.at(-1)?.assets ?? 0n;
  }

  #setPool(neuronId: NeuronId, assets: bigint, time: BlockTime): void {
    const entries = this.#pools.get(neuronId) ?? [];
    const epoch = time < this.#clock.genesis ? -1 : epochAt(this.#clock, time);
    if (entries.at(-1)?.epoch === epoch) entries.pop();
    entries.push({ epoch, assets });
    this.#pools.set(neuronId, entries);
  }

  /** Number of uids ever held, at the end of what was applied: they are 0 … count − 1. */
  uidCount(): number {
    return this.#holders.length;
  }

  /** Record of a neuron, also of one that lost its uid. */
  neuron(neuronId: NeuronId): Neuron | undefined {
    return this.#neurons.get(neuronId);
  }

  /** The neuron a hotkey serves, at the end of what was applied. */
  neuronOfHotkey(hotkey: Hex): NeuronId | undefined {
    return this.#byHotkey.get(hotkey.toLowerCase());
  }

  /** Who holds a uid, at the end of what was applied. */
  holder(uid: Uid): Neuron | undefined {
    return this.#holders[uid]?.at(-1);
  }

  /** All who hold a uid at the end of what was applied, ascending by uid. */
  holders(): Neuron[] {
    return this.#holders.flatMap((neurons) => neurons.slice(-1));
  }

  /** Who held a uid before the start of a round. */
  occupant(uid: Uid, round: Round): Neuron | undefined {
    const start = roundStart(this.#clock, round);
    return this.#holders[uid]?.findLast((neuron) => neuron.registeredAt < start);
  }

  /** Uid of everybody who held one before the start of a round. */
  occupants(round: Round): Map<NeuronId, Uid> {
    const held = this.#holders.map((_, uid) => this.occupant(uid, round));
    return new Map(held.flatMap((neuron) => (neuron === undefined ? [] : [[neuron.neuronId, neuron.uid]])));
  }

  /** Uids permitted in an epoch, ascending. Fixed once the epoch started. */
  permits(epoch: Epoch): Uid[] {
    const word = this.#permits.findLast((permit) => permit.fromEpoch <= epoch)?.word ?? 0n;
    return bitsOf(word);
  }

  /** Wei in a pool at the start of an epoch (for epoch 0: at genesis). Fixed once the epoch started. */
  stakeAt(neuronId: NeuronId, epoch: Epoch): bigint {
    return this.#pools.get(neuronId)?.findLast((entry) => entry.epoch < epoch)?.assets ?? 0n;
  }

  /** Wei in a pool at the end of what was applied. */
  stake(neuronId: NeuronId): bigint {
    return this.#pools.get(neuronId)?.at(-1)?.assets ?? 0n;
  }

  /** Uids whose present holder registered in `epoch` or later, as a word: what a settlement masks. */
  registeredSince(epoch: Epoch): bigint {
    const recent = this.holders().filter((neuron) => neuron.registeredEpoch >= epoch);
    return wordOf(recent.map(({ uid }) => uid));
  }
}

/** Positions of the set bits, ascending. */
export function bitsOf(word: bigint): number[] {
  const bits: number[] = [];
  for (let bit = 0, rest = word; rest > 0n; bit++, rest >>= 1n) {
    if ((rest & 1n) === 1n) bits.push(bit);
  }
  return bits;
}

/** Word with the given bits set; inverse of `bitsOf`. */
export function wordOf(bits: readonly number[]): bigint {
  return bits.reduce((word, bit) => word | (1n << BigInt(bit)), 0n);
}
