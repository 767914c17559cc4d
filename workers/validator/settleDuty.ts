import { readConsensusParameters } from "../chain/actions/readConsensusParameters.ts";
import { settleEpoch } from "../chain/actions/settleEpoch.ts";
import type { SigningRun } from "../chain/run.ts";
import type { RunFollower } from "../node/follower.ts";
import { firstRoundOf, roundEnd, roundStart } from "../protocol/clock.ts";
import type { Epoch, NeuronId } from "../protocol/quantities.ts";
import { prepareSettlement } from "../protocol/settlement.ts";
import type { Log } from "../runtime/log.ts";

export interface SettleDutyOptions {
  readonly signing: SigningRun;
  readonly follower: RunFollower;
  readonly validator: NeuronId;
  readonly log: Log;
}

/** Round of an epoch from which the one before it can be settled. */
const settleRound = 2;
/** Share of a round by which each validator lets the one before it go first, so that they do not all pay. */
const turnShare = 0.25;

/** Settles epochs. Anyone may; the validators take turns, the first permitted one at once. */
export class SettleDuty {
  readonly #options: SettleDutyOptions;

  constructor(options: SettleDutyOptions) {
    this.#options = options;
  }

  /** Waits for this validator's turn in `epoch` + 1 and settles `epoch` unless somebody has. */
  async settle(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { signing, follower, log } = this.#options;
    const { clock } = signing;
    const first = firstRoundOf(clock, epoch + 1) + settleRound;
    await follower.untilTime(roundStart(clock, first), signal);
    await follower.untilTime(roundStart(clock, first) + this.#delay(epoch), signal);
    await follower.sync(signal);
    if (this.#settled(epoch) || follower.syncedTime >= roundEnd(clock, firstRoundOf(clock, epoch + 2) - 1))
      return;
    // Only now: an epoch's parameters are final once it is over.
    const parameters = await readConsensusParameters(signing, epoch, signal);
    const prepared = prepareSettlement(follower.history, epoch, parameters);
    if (prepared === undefined) {
      log.warn("nothing to settle: no permitted validator with stake revealed weights", { epoch });
      return;
    }
    await settleEpoch(signing, { epoch, witness: prepared.witness }, signal);
    log.info("epoch settled", { epoch });
  }

  /**
   * Seconds that the validators before this one get; the order moves on with the epoch. All turns lie in the first half
   * of the time there is, however many validators: the last must still be in time when it is the only one.
   */
  #delay(epoch: Epoch): number {
    const { signing, follower, validator } = this.#options;
    const { period, tempo } = signing.clock;
    const uids = follower.history.permits(epoch);
    const own = uids.findIndex((uid) => follower.history.metagraph.holder(uid)?.neuronId === validator);
    const turn = own < 0 ? uids.length : (own + epoch) % uids.length;
    const half = ((tempo - settleRound) * period) / 2;
    return turn * Math.min(period * turnShare, half / Math.max(1, uids.length));
  }

  #settled(epoch: Epoch): boolean {
    return this.#options.follower.history.settlements.some((settlement) => settlement.epoch === epoch);
  }
}
