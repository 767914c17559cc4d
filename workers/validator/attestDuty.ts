import { attest } from "../chain/actions/attest.ts";
import type { SigningRun } from "../chain/run.ts";
import type { RunFollower } from "../node/follower.ts";
import type { ModelStates } from "../node/modelStates.ts";
import type { ModelState } from "../node/stateContent.ts";
import { InvalidUpdate, type UpdateReader } from "../node/updateReader.ts";
import { attestStart, roundEnd } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import { bitsOf, wordOf } from "../protocol/metagraphHistory.ts";
import type { NeuronId, Round, Uid } from "../protocol/quantities.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { recordLatency } from "./latency.ts";

export interface AttestDutyOptions {
  readonly signing: SigningRun;
  readonly validator: NeuronId;
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
  /** Bitmap that was sent for the last attested round. */
  #sent: { readonly round: Round; readonly bitmap: bigint } | undefined;

  constructor(options: AttestDutyOptions) {
    this.#options = options;
  }

  /** Waits for the attest phase of `round` and sends the bitmap, unless the chain has one of this validator. */
  async attest(round: Round, signal: AbortSignal): Promise<void> {
    const { signing, follower, log, metrics } = this.#options;
    const due = attestStart(signing.clock, round);
    await follower.untilTime(due, signal);
    if (this.#isAttested(round)) return;
    const bitmap = this.#sent?.round === round ? this.#sent.bitmap : await this.#bitmap(round, signal);
    this.#sent = { round, bitmap };
    await attest(signing, { round, bitmap }, signal);
    const latencySeconds = recordLatency(metrics, follower, { duty: "attest", round }, due);
    log.info("attested", { round, held: bitsOf(bitmap), latencySeconds });
  }

  #isAttested(round: Round): boolean {
    const { follower, validator } = this.#options;
    return follower.history.attestations(round).some(({ neuronId }) => neuronId === validator);
  }

  /** The updates of `round` that are here in full, as a word. */
  async #bitmap(round: Round, signal: AbortSignal): Promise<bigint> {
    const { follower, states } = this.#options;
    const state = await states.at(round, signal);
    // A uid that changed hands in the round stands for who held it at the start.
    const reveals = follower.history
      .reveals(round)
      .filter(({ uid, neuronId }) => follower.history.occupant(uid, round) === neuronId);
    const held: Uid[] = [];
    for (const reveal of reveals) if (await this.#holds(reveal, state, signal)) held.push(reveal.uid);
    return wordOf(held);
  }

  /** Whether the update is here in full, decodes and starts from the round's state. */
  async #holds(reveal: RevealedUpdate, state: ModelState, signal: AbortSignal): Promise<boolean> {
    const { signing, follower, updates, clock, log } = this.#options;
    const { round, uid } = reveal;
    const start = attestStart(signing.clock, round);
    const deadline = start + (roundEnd(signing.clock, round) - start) * (1 - transactionShare);
    for (;;) {
      try {
        await updates.readFor(state.root, reveal, signal);
        return true;
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
