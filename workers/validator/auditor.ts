import type { Hex } from "viem";
import { CodecError } from "../codec/errors.ts";
import { encodeUpdate } from "../codec/update.ts";
import {
  type AuditFinding,
  compareExactly,
  compareUpdates,
  compareWithin,
  uncompared,
} from "../evaluation/audit.ts";
import { auditedNeurons } from "../node/auditedNeurons.ts";
import { composeUpdate } from "../node/composeUpdate.ts";
import { lateStart } from "../node/lateStart.ts";
import type { ModelState } from "../node/stateContent.ts";
import { type TrainSources, trainLateSteps, trainRound } from "../node/trainRound.ts";
import { type DecodedUpdate, InvalidUpdate } from "../node/updateReader.ts";
import { fetchIndex, fetchTensorState, fetchWorkerState } from "../node/workerStateContent.ts";
import { auditTensors } from "../protocol/auditDraw.ts";
import { WeftError } from "../protocol/errors.ts";
import type { AuditSettings } from "../protocol/manifest.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import { parameterCount } from "../protocol/tensors.ts";
import type { Clock } from "../runtime/clock.ts";
import { within } from "../runtime/within.ts";
import type { ContentStore } from "../storage/contentStore.ts";
import { ContentError, ContentMissingError } from "../storage/errors.ts";
import { repeatedReads } from "../storage/repeatedReads.ts";
import { DivergedError } from "../training/engineErrors.ts";
import { addSent } from "../training/errorFeedback.ts";
import { type WorkerState, workerStateRoot, zeroWorkerState } from "../training/workerState.ts";
import type { RoundSourcesOptions } from "./roundSources.ts";

export interface AuditorOptions extends Omit<RoundSourcesOptions, "validator">, Pick<TrainSources, "engine"> {
  /** `machineHash` of what this process computes on; undefined where bits do not repeat. */
  readonly machine: Hex | undefined;
  readonly clock: Clock;
}

/** Findings that are taken from a log, by neuron; of the neurons in `computed` only where nobody can compute them again. */
export interface LoggedAudits {
  readonly found: ReadonlyMap<NeuronId, AuditFinding>;
  readonly computed: ReadonlySet<NeuronId>;
}

/** How often each part of a worker state is asked for. */
const readTries = 8;

/** Reading a worker state may take a period divided by this. */
const readingParts = 4;

/** Computes rounds of audited miners again and compares (docs/protocol/audits.md). */
export class Auditor {
  readonly #options: AuditorOptions;
  readonly #store: ContentStore;
  readonly #zero: WorkerState;
  readonly #zeroRoot: Hex;

  constructor(options: AuditorOptions) {
    this.#options = options;
    this.#store = repeatedReads(options.run.store, readTries);
    this.#zero = zeroWorkerState(options.run.specs);
    this.#zeroRoot = workerStateRoot(options.run.specs, this.#zero);
  }

  /**
   * What the audits of a round come to, by neuron, once the round after it is over: what nobody serves by then is
   * withheld. At most `perRound` rounds of training, one after another.
   * @throws what the chain and the engine cost
   */
  async findings(
    round: Round,
    signal: AbortSignal,
    logged?: LoggedAudits,
  ): Promise<Map<NeuronId, AuditFinding>> {
    const { run, beacons, follower } = this.#options;
    const findings = new Map<NeuronId, AuditFinding>();
    if (round < 0) return findings;
    const picked = await auditedNeurons({ run, beacons, history: follower.history }, round, signal);
    for (const neuronId of picked) {
      const known = logged?.found.get(neuronId);
      const again =
        logged === undefined ||
        (logged.computed.has(neuronId) && known?.result !== "withheld" && known?.result !== "unable");
      const finding = again ? await this.#audit(round, neuronId, signal) : known;
      if (finding !== undefined) findings.set(neuronId, finding);
    }
    return findings;
  }

  /** Undefined where the update is none: that is found and punished as such. */
  async #audit(round: Round, neuronId: NeuronId, signal: AbortSignal): Promise<AuditFinding | undefined> {
    const { run, states, updates, follower } = this.#options;
    const reveal = follower.history.rounds.reveal(round, neuronId);
    const { audit } = run.manifest.scoring;
    if (reveal === undefined || audit === undefined) return undefined;
    let update: DecodedUpdate;
    let state: ModelState;
    try {
      update = await updates.read(reveal, signal);
      state = await states.at(round, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof InvalidUpdate) return undefined;
      if (isPassing(error)) return uncompared(round, "unable");
      throw error;
    }
    if (update.header.parentRoot !== state.root) return undefined;
    try {
      return 12 * parameterCount(run.specs) <= audit.fullUpTo
        ? await this.#rerun(state, update, audit, signal)
        : await this.#lookAtTensors(update, audit, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ContentMissingError) return uncompared(round, "withheld");
      if (error instanceof ContentError) return uncompared(round, "notAState");
      if (error instanceof DivergedError || error instanceof CodecError) return uncompared(round, "diverged");
      // Anything else that may pass is the trouble of this validator's own store.
      if (isPassing(error)) return uncompared(round, "unable");
      throw error;
    }
  }

  /** The H steps again, from the state before; the late ones of them from what stood in for θ. */
  async #rerun(
    state: ModelState,
    { header, tensors }: DecodedUpdate,
    settings: AuditSettings,
    signal: AbortSignal,
  ): Promise<AuditFinding> {
    const { run, machine, states, updates, follower } = this.#options;
    const { specs } = run;
    const store = this.#store;
    const { round, neuronId, stateBefore, stateAfter } = header;
    // The miner's own update before, where it goes on from it, is as much its to serve as its worker state.
    const sources = { run, states, updates, history: follower.history };
    const late = await lateStart(sources, neuronId, round, stateBefore, signal);
    const { index, before } = await this.#reading(signal, async (bounded) => ({
      index: await fetchIndex(store, specs, stateAfter, bounded),
      before: await this.#stateUnder(stateBefore, bounded),
    }));
    const made =
      late === undefined ? undefined : await trainLateSteps(this.#options, neuronId, late, before, signal);
    const trained = await trainRound(this.#options, neuronId, state, before, signal, made);
    const again = composeUpdate(run, neuronId, state, before, trained, index.machine);
    const rerun = { sent: tensors, computed: again.tensors };
    if (machine !== undefined && index.machine === machine)
      return compareExactly(round, rerun, { sent: stateAfter, computed: again.afterRoot });
    const after = await this.#reading(signal, (bounded) => fetchWorkerState(store, specs, index, bounded));
    return compareWithin(round, rerun, { sent: after, computed: again.after }, settings);
  }

  /** Of a few tensors: whether the update is what compression keeps of what error feedback and update add up to. */
  async #lookAtTensors(
    { header, tensors }: DecodedUpdate,
    settings: AuditSettings,
    signal: AbortSignal,
  ): Promise<AuditFinding> {
    const { run, beacons } = this.#options;
    const { specs, manifest } = run;
    const store = this.#store;
    const { round, neuronId, stateAfter } = header;
    const beacon = await beacons.of("audit", round, signal);
    const chosen = auditTensors(beacon, neuronId, specs.length, settings.tensors);
    const sent = chosen.map((position) => tensors[position]);
    const offered: Float32Array[] = [];
    await this.#reading(signal, async (bounded) => {
      const index = await fetchIndex(store, specs, stateAfter, bounded);
      for (const position of chosen)
        offered.push(
          (await fetchTensorState(store, specs[position], index, position, bounded)).errorFeedback,
        );
    });
    addSent(offered, sent);
    const chosenSpecs = chosen.map((position) => specs[position]);
    const computed = encodeUpdate(header, chosenSpecs, offered, manifest.compression).tensors;
    return compareUpdates(round, "compression", { sent, computed }, settings);
  }

  /** What comes drop by drop counts as withheld, like what does not come. */
  #reading<Result>(signal: AbortSignal, read: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { clock, run } = this.#options;
    const ms = (1000 * run.contracts.clock.period) / readingParts;
    const late = () =>
      new ContentMissingError("CONTENT_MISSING", `a worker state was not read within ${ms} ms`);
    return within(clock, ms, signal, late, read);
  }

  async #stateUnder(root: Hex, signal: AbortSignal): Promise<WorkerState> {
    if (root === this.#zeroRoot) return this.#zero;
    const { specs } = this.#options.run;
    const store = this.#store;
    return fetchWorkerState(store, specs, await fetchIndex(store, specs, root, signal), signal);
  }
}

/** What is this validator's own trouble, or would be done if it had come earlier. */
function isPassing(error: unknown): boolean {
  return error instanceof WeftError && (error.retryable || error.code === "STATE_TOO_OLD");
}
