import { attest } from "../chain/actions/attest.ts";
import type { SigningRun } from "../chain/run.ts";
import type { RunFollower } from "../node/follower.ts";
import type { ModelStates } from "../node/modelStates.ts";
import type { ModelState } from "../node/stateContent.ts";
import { InvalidUpdate, type UpdateReader } from "../node/updateReader.ts";
import { attestStart, roundEnd } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import { wordOf } from "../protocol/metagraphHistory.ts";
import type { Round, Uid } from "../protocol/quantities.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { recordLatency } from "./latency.ts";

export interface AttestDutyOptions {
  readonly signing: SigningRun;
  readonly follower: RunFollower;
  readonly states: ModelStates;
  readonly updates: UpdateReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const retryMs = 200;
/** Share of the attest phase kept for the transaction: missing content is not waited for any longer than this. */
const transactionShare = 0.6;

/** Says which of a round's updates this validator holds in full and could decode (DESIGN §3.4). */
export class AttestDuty {
  readonly #options: AttestDutyOptions;

  constructor(options: AttestDutyOptions) {
    this.#options = options;
  }

  /** Waits for the attest phase of `round` and sends the bitmap. */
  async attest(round: Round, signal: AbortSignal): Promise<void> {
    const { signing, follower, states, log, metrics } = this.#options;
    const due = attestStart(signing.clock, round);
    await follower.untilTime(due, signal);
    const state = await states.at(round, signal);
    // A uid that changed hands in the round stands for who held it at the start.
    const reveals = follower.history
      .reveals(round)
      .filter(({ uid, neuronId }) => follower.history.occupant(uid, round) === neuronId);
    const held: Uid[] = [];
    for (const reveal of reveals) if (await this.#holds(reveal, state, signal)) held.push(reveal.uid);
    await attest(signing, { round, bitmap: wordOf(held) }, signal);
    const latencySeconds = recordLatency(metrics, follower, { duty: "attest", round }, due);
    log.info("attested", { round, held, revealed: reveals.length, latencySeconds });
  }

  /** Whether the update is here in full, decodes and starts from the round's state. */
  async #holds(reveal: RevealedUpdate, state: ModelState, signal: AbortSignal): Promise<boolean> {
    const { signing, follower, updates, clock, log } = this.#options;
    const { round, uid } = reveal;
    const start = attestStart(signing.clock, round);
    const deadline = start + (roundEnd(signing.clock, round) - start) * (1 - transactionShare);
    for (;;) {
      try {
        const { header } = await updates.read(reveal, signal);
        return header.parentRoot === state.root;
      } catch (error) {
        if (error instanceof InvalidUpdate) return false;
        if (!(error instanceof WeftError && error.retryable)) throw error;
        if ((follower.now()?.time ?? deadline) >= deadline) {
          log.warn("update not found in time", { round, uid, error });
          return false;
        }
        await clock.sleep(retryMs, signal);
      }
    }
  }
}
