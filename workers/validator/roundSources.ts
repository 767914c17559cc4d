import type { Hex } from "viem";
import type { DatasetReader } from "../data/datasetReader.ts";
import type { CommittedUpdate } from "../evaluation/copies.ts";
import type { RoundEntry } from "../evaluation/evaluationLog.ts";
import type { NeuronState } from "../evaluation/neuronState.ts";
import type { RoundCommit, RoundInputs, UnreadUpdate } from "../evaluation/roundInputs.ts";
import { evaluatedOwnSequences, evaluatedRandomSequences, readSequences } from "../node/assignedSequences.ts";
import type { Beacons } from "../node/beacons.ts";
import type { RunFollower } from "../node/follower.ts";
import { gatheredUids } from "../node/gatheredUids.ts";
import type { ModelStates } from "../node/modelStates.ts";
import type { Run } from "../node/run.ts";
import { InvalidUpdate, type UpdateReader } from "../node/updateReader.ts";
import { evaluationSample } from "../protocol/assignment.ts";
import { epochOf } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { NeuronId, Round, Uid } from "../protocol/quantities.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import { workerStateRoot, zeroWorkerState } from "../training/workerState.ts";

export interface RoundSourcesOptions {
  readonly run: Run;
  /** neuronId of the validator whose sample and sequences are drawn. */
  readonly validator: NeuronId;
  readonly follower: RunFollower;
  readonly beacons: Beacons;
  readonly states: Pick<ModelStates, "at">;
  readonly updates: UpdateReader;
  readonly dataset: DatasetReader;
}

/** What was found before a round. */
export interface Findings {
  /** Entry of an earlier round; undefined where it was not evaluated. */
  readonly entry: (round: Round) => RoundEntry | undefined;
  /** Before the round, as `statesBefore` gives them. */
  readonly states: ReadonlyMap<NeuronId, NeuronState>;
  /** Updates to leave unread; any other that cannot be had is an error. Undefined: leave unread what cannot be had. */
  readonly unread?: readonly UnreadUpdate[];
}

/** The decoded update, "invalid" where its bytes are none for this state, undefined where they cannot be had. */
type Read = { readonly update: RoundCommit["update"] } | "invalid" | undefined;

/** Gathers what a round's evaluation depends on, from the chain, content, and what was found before. */
export class RoundSources {
  readonly #options: RoundSourcesOptions;
  readonly #zeroStateRoot: `0x${string}`;

  constructor(options: RoundSourcesOptions) {
    this.#options = options;
    this.#zeroStateRoot = workerStateRoot(options.run.specs, zeroWorkerState(options.run.specs));
  }

  /** Everything `evaluateRound` takes, of a round that is over. */
  async inputs(round: Round, findings: Findings, signal: AbortSignal): Promise<RoundInputs> {
    const { run, validator, follower, beacons, states } = this.#options;
    const state = await states.at(round, signal);
    const { history } = follower;
    const gathered = await gatheredUids({ run, beacons, history }, round, signal);
    const neurons = history.metagraph.occupants(round);
    const reading = new Reading(this.#options.updates, findings.unread, signal);
    const random = await evaluatedRandomSequences(this.#options, validator, round, signal);
    return {
      round,
      epoch: epochOf(run.contracts.clock, round),
      // A copy: trial steps change it in place while other tasks read the state.
      theta: state.theta.map((tensor) => tensor.slice()),
      parentRoot: state.root,
      neurons,
      commits: await this.#commits(round, state.root, neurons, reading),
      gathered,
      sampled: await this.#sample(round, neurons, findings.states, signal),
      earlier: await this.#earlierOriginals(round, findings, reading),
      states: findings.states,
      zeroStateRoot: this.#zeroStateRoot,
      randomSequences: await readSequences(this.#options, random, signal),
      ownSequences: async (miner, aborted) =>
        readSequences(
          this.#options,
          await evaluatedOwnSequences(this.#options, miner, round, aborted),
          aborted,
        ),
      unread: reading.unread,
    };
  }

  async #sample(
    round: Round,
    neurons: ReadonlyMap<NeuronId, Uid>,
    states: ReadonlyMap<NeuronId, NeuronState>,
    signal: AbortSignal,
  ): Promise<Uid[]> {
    const { run, validator, follower, beacons } = this.#options;
    const { scoring } = run.manifest;
    const epoch = epochOf(run.contracts.clock, round);
    const revealed = follower.history
      .reveals(round)
      .filter(({ uid, neuronId }) => neurons.get(neuronId) === uid);
    const candidates = revealed.map(({ uid, neuronId }) => ({
      uid,
      lastEvaluated: states.get(neuronId)?.lastEvaluated ?? undefined,
      newcomer:
        epoch - (follower.history.metagraph.neuron(neuronId)?.registeredEpoch ?? 0) < scoring.newcomerEpochs,
    }));
    return evaluationSample(await beacons.of("eval", round, signal), validator, round, candidates, scoring);
  }

  /** Every commit of the round by who held a uid then, with its update where it could be had. */
  async #commits(
    round: Round,
    parentRoot: Hex,
    neurons: ReadonlyMap<NeuronId, Uid>,
    reading: Reading,
  ): Promise<RoundCommit[]> {
    const { history } = this.#options.follower;
    const eligible = new Set(history.eligible(round).map(({ neuronId }) => neuronId));
    const commits: RoundCommit[] = [];
    for (const { neuronId, committedAt } of history.commits(round)) {
      const uid = neuronId === undefined ? undefined : neurons.get(neuronId);
      if (neuronId === undefined || uid === undefined) continue;
      const { blockNumber, logIndex } = committedAt;
      const place = { uid, neuronId, blockNumber, logIndex };
      const reveal = history.rounds.reveal(round, neuronId);
      if (reveal === undefined) {
        commits.push({ ...place, status: "unrevealed" });
        continue;
      }
      const read = await reading.read(reveal, parentRoot);
      if (read === "invalid") commits.push({ ...place, status: "invalid" });
      else commits.push({ ...place, status: eligible.has(neuronId) ? "eligible" : "ineligible", ...read });
    }
    return commits;
  }

  /** Updates of the last rounds that copied nobody, to compare this round's with. */
  async #earlierOriginals(round: Round, findings: Findings, reading: Reading): Promise<CommittedUpdate[]> {
    const { run, follower } = this.#options;
    const originals: CommittedUpdate[] = [];
    for (let past = Math.max(0, round - run.manifest.scoring.overlapRounds); past < round; past += 1) {
      const neurons = findings.entry(past)?.neurons ?? [];
      const copies = new Set(neurons.filter(({ copyOf }) => copyOf !== null).map(({ neuronId }) => neuronId));
      for (const reveal of follower.history.reveals(past)) {
        if (copies.has(reveal.neuronId)) continue;
        const read = await reading.read(reveal, undefined);
        if (read === "invalid" || read?.update === undefined) continue;
        const { neuronId, committedAt } = reveal;
        const { blockNumber, logIndex } = committedAt;
        originals.push({ round: past, neuronId, blockNumber, logIndex, tensors: read.update.tensors });
      }
    }
    return originals;
  }
}

/** Reads updates for one evaluation and notes which could not be had. */
class Reading {
  readonly unread: UnreadUpdate[] = [];
  readonly #updates: UpdateReader;
  readonly #withheld: ReadonlySet<string> | undefined;
  readonly #signal: AbortSignal;

  constructor(updates: UpdateReader, withheld: readonly UnreadUpdate[] | undefined, signal: AbortSignal) {
    this.#updates = updates;
    this.#withheld = withheld && new Set(withheld.map(keyOf));
    this.#signal = signal;
  }

  /** @param parentRoot which the update must name; undefined: any */
  async read(reveal: RevealedUpdate, parentRoot: Hex | undefined): Promise<Read> {
    if (this.#withheld?.has(keyOf(reveal))) return this.#note(reveal);
    try {
      const { header, tensors } = await (parentRoot === undefined
        ? this.#updates.read(reveal, this.#signal)
        : this.#updates.readFor(parentRoot, reveal, this.#signal));
      return { update: { tensors, stateBefore: header.stateBefore, stateAfter: header.stateAfter } };
    } catch (error) {
      if (error instanceof InvalidUpdate) return "invalid";
      if (this.#withheld === undefined && error instanceof WeftError && error.retryable)
        return this.#note(reveal);
      throw error;
    }
  }

  #note({ round, neuronId }: RevealedUpdate): undefined {
    this.unread.push({ round, neuronId });
  }
}

function keyOf({ round, neuronId }: UnreadUpdate): string {
  return `${round} ${neuronId}`;
}
