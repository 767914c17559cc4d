import type { Hex } from "viem";
import { type BeaconUse, beacon, mixesSalts } from "../protocol/beacon.ts";
import { roundEnd, roundStart } from "../protocol/clock.ts";
import type { Round } from "../protocol/quantities.ts";
import type { RunFollower } from "./follower.ts";
import type { Run } from "./run.ts";

/** What beacons need of a follower. */
export type BeaconSource = Pick<
  RunFollower,
  "history" | "rewinds" | "onRewind" | "untilTime" | "firstBlockAt"
>;

/** Public randomness of rounds, read from the chain once and remembered. */
export class Beacons {
  readonly #run: Run;
  readonly #follower: BeaconSource;
  readonly #known = new Map<string, Hex>();

  constructor(run: Run, follower: BeaconSource) {
    this.#run = run;
    this.#follower = follower;
    follower.onRewind(() => this.#known.clear());
  }

  /**
   * A beacon of a round. Waits until its block is there with the manifest's confirmations: for `data` the first block of
   * the round, for the others the first after it.
   */
  async of(use: BeaconUse, round: Round, signal: AbortSignal): Promise<Hex> {
    const key = `${use} ${round}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const clock = this.#run.contracts.clock;
    const time = use === "data" ? roundStart(clock, round) : roundEnd(clock, round);
    await this.#follower.untilTime(time, signal);
    const { entropy: source, confirmations } = this.#run.manifest.beacon;
    const { rewinds } = this.#follower;
    const block = await this.#follower.firstBlockAt(time, confirmations, signal);
    const entropy = source === "blockhash" ? block.hash : block.mixHash;
    const drawn = { ...this.#run.updates, round, entropy };
    const value = mixesSalts(use)
      ? beacon(use, drawn, this.#follower.history.saltXor(round))
      : beacon(use, drawn);
    // Of a block that was replaced meanwhile: whoever asked notices the same.
    if (rewinds === this.#follower.rewinds) this.#known.set(key, value);
    return value;
  }
}
