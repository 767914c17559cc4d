import { type Hex, keccak256, toHex } from "viem";
import { commitUpdate } from "../../workers/chain/actions/commitUpdate.ts";
import { revealUpdate } from "../../workers/chain/actions/revealUpdate.ts";
import type { SigningRun } from "../../workers/chain/run.ts";
import { AuditPublisher } from "../../workers/miner/auditPublisher.ts";
import { composeUpdate } from "../../workers/node/composeUpdate.ts";
import { sealUpdate } from "../../workers/node/sealing.ts";
import type { ModelState } from "../../workers/node/stateContent.ts";
import { updateCommitment } from "../../workers/protocol/commitment.ts";
import { WeftError } from "../../workers/protocol/errors.ts";
import type { NeuronId, Round } from "../../workers/protocol/quantities.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import { refOf } from "../../workers/storage/contentRef.ts";
import { type WorkerState, zeroWorkerState } from "../../workers/training/workerState.ts";
import type { Conduct } from "./conduct.ts";
import { type LabHost, labMachine } from "./labHost.ts";

interface Sealed {
  readonly round: Round;
  readonly digest: Hex;
  readonly size: number;
  readonly dataRoot: Hex;
  readonly salt: Hex;
  readonly commitment: Hex;
  readonly encrypted: Uint8Array;
  readonly before: WorkerState;
  readonly after: WorkerState;
  committed: boolean;
}

/** A miner's steps over the workers' own code, called phase by phase; its conduct decides what it leaves out. */
export class LabMiner {
  readonly neuronId: NeuronId;
  readonly #host: LabHost;
  readonly #signing: SigningRun;
  readonly #conduct: Conduct;
  readonly #seed: string;
  readonly #auditPublisher: AuditPublisher;
  #workerState: WorkerState;
  #sealed: Sealed | undefined;
  #revealed: Sealed | undefined;

  constructor(host: LabHost, signing: SigningRun, neuronId: NeuronId, conduct: Conduct, seed: string) {
    this.#host = host;
    this.#signing = signing;
    this.neuronId = neuronId;
    this.#conduct = conduct;
    this.#seed = seed;
    this.#workerState = zeroWorkerState(host.run.specs);
    const { run, follower, beacons, clock } = host;
    const revealed = () => this.#revealed;
    this.#auditPublisher = new AuditPublisher({
      context: { run, neuronId, follower },
      beacons,
      workerStates: {
        get revealed() {
          return revealed()?.round;
        },
        transition: (round) => (revealed()?.round === round ? revealed() : undefined),
      },
      clock,
      log: silentLog,
    });
  }

  /** Makes the round's update; commits to it unless it comes late. */
  async make(state: ModelState, signal: AbortSignal): Promise<void> {
    const { run } = this.#host;
    const { round } = state;
    this.#sealed = undefined;
    const offer = await this.#conduct.policy.offer({ state, workerState: this.#workerState }, signal);
    if (offer === undefined) return;
    const before = this.#workerState;
    const named = this.#conduct.honest === true ? labMachine : undefined;
    const { bytes, after } = composeUpdate(run, this.neuronId, state, before, offer, named);
    const plain = this.#conduct.bytes?.(bytes, round) ?? bytes;
    const salt = keccak256(toHex(`${this.#seed}/${this.neuronId}/${round}`));
    const { encrypted, dataRoot } = sealUpdate(run, plain, this.neuronId, round, salt);
    const { digest, size } = refOf(encrypted);
    const whole = { ...run.updates, neuronId: this.neuronId, round };
    const commitment = updateCommitment(whole, { digest, size, dataRoot }, salt);
    const content = { digest, size, dataRoot, salt, commitment, encrypted };
    this.#sealed = { round, ...content, before, after, committed: false };
    if (this.#conduct.serves === undefined) await run.store.put(encrypted, { signal });
    if (this.#conduct.commits === undefined) await this.#commit(this.#sealed, signal);
  }

  /** What is due in the reveal phase. */
  async open(signal: AbortSignal): Promise<void> {
    const sealed = this.#sealed;
    if (sealed === undefined) return;
    if (this.#conduct.commits === "late") await this.#commit(sealed, signal);
    if (!sealed.committed || this.#conduct.reveals === false) return;
    await revealUpdate(this.#signing, sealed, signal);
    this.#workerState = sealed.after;
    this.#revealed = sealed;
  }

  /** Puts what only now can be had into the store. */
  async serve(signal: AbortSignal): Promise<void> {
    if (this.#sealed === undefined || this.#conduct.serves !== "attestPhase") return;
    await this.#host.run.store.put(this.#sealed.encrypted, { signal });
  }

  /** What an audit of a round that is over needs, where one was picked. */
  publishAudited(round: Round, signal: AbortSignal): Promise<void> {
    return this.#auditPublisher.publish(round, signal);
  }

  /** A commit that the contract refuses costs the miner its round. */
  async #commit(sealed: Sealed, signal: AbortSignal): Promise<void> {
    try {
      await commitUpdate(this.#signing, sealed, signal);
      sealed.committed = true;
    } catch (error) {
      if (!(error instanceof WeftError) || error.code !== "CONTRACT_REVERT") throw error;
    }
  }
}
