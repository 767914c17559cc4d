import type { DatasetReader } from "../data/datasetReader.ts";
import type { EvaluationBook } from "../database/evaluationBook.ts";
import type { CommittedUpdate } from "../evaluation/copies.ts";
import { formatRoundEntry, parseRoundEntry, type RoundEntry } from "../evaluation/evaluationLog.ts";
import type { LossFunction } from "../evaluation/lossScore.ts";
import { formatNeuronState, type NeuronState, parseNeuronState } from "../evaluation/neuronState.ts";
import { evaluateRound } from "../evaluation/roundEvaluation.ts";
import type { RoundCommit } from "../evaluation/roundInputs.ts";
import { assignedSequences, readSequences, shardSequences } from "../node/assignedSequences.ts";
import type { Beacons } from "../node/beacons.ts";
import type { RunFollower } from "../node/follower.ts";
import type { ModelState, ModelStates } from "../node/modelStates.ts";
import type { Run } from "../node/run.ts";
import { InvalidUpdate, type UpdateReader } from "../node/updateReader.ts";
import { evaluationSample, ownSequences, randomSequences } from "../protocol/assignment.ts";
import { epochOf } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { NeuronId, Round, Uid } from "../protocol/quantities.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import { workerStateRoot, zeroWorkerState } from "../training/workerState.ts";

export interface RoundEvaluatorOptions {
  readonly run: Run;
  readonly validator: NeuronId;
  readonly follower: RunFollower;
  readonly beacons: Beacons;
  readonly states: ModelStates;
  readonly updates: UpdateReader;
  readonly dataset: DatasetReader;
  readonly book: EvaluationBook;
  readonly losses: LossFunction;
}

/** Evaluates rounds one after another (DESIGN §10, steps 1 to 5) and writes what it found into the book. */
export class RoundEvaluator {
  readonly #options: RoundEvaluatorOptions;
  readonly #zeroStateRoot: `0x${string}`;

  constructor(options: RoundEvaluatorOptions) {
    this.#options = options;
    this.#zeroStateRoot = workerStateRoot(options.run.specs, zeroWorkerState(options.run.specs));
  }

  /** States of all neurons after the last evaluated round. */
  neuronStates(): Map<NeuronId, NeuronState> {
    const states = this.#options.book.states().map(parseNeuronState);
    return new Map(states.map((state) => [state.neuronId, state]));
  }

  /** Who holds which uid before the start of a round. */
  neurons(round: Round): Map<NeuronId, Uid> {
    const { metagraph } = this.#options.follower.history;
    const held = Array.from({ length: metagraph.uidCount() }, (_, uid) => metagraph.occupant(uid, round));
    return new Map(held.flatMap((neuron) => (neuron === undefined ? [] : [[neuron.neuronId, neuron.uid]])));
  }

  /**
   * Evaluates a round that is over, from the state at its start. A round already in the book is left as it is.
   * @returns what was found
   */
  async evaluate(round: Round, signal: AbortSignal): Promise<RoundEntry> {
    const { run, validator, follower, beacons, states, book } = this.#options;
    const known = book.entry(round);
    if (known !== undefined) return parseRoundEntry(known);
    const beacon = await beacons.of("eval", round, signal);
    const rank = await beacons.of("rank", round, signal);
    const state = await states.at(round, signal);
    const { scoring, data, outer } = run.manifest;
    const neurons = this.neurons(round);
    const sources = this.#options;
    const random = randomSequences(
      beacon,
      validator,
      scoring.randomSequences,
      shardSequences(sources),
      data.evalSequences,
    );
    const own = async (miner: NeuronId) => {
      const assigned = await assignedSequences(sources, miner, round, signal);
      return readSequences(sources, ownSequences(beacon, miner, scoring.ownSequences, assigned), signal);
    };
    const outcome = await evaluateRound(
      {
        round,
        epoch: epochOf(run.contracts.clock, round),
        // A copy: trial steps change it in place while other tasks read the state.
        theta: state.theta.map((tensor) => tensor.slice()),
        parentRoot: state.root,
        neurons,
        commits: await this.#commits(state, neurons, signal),
        gathered: follower.history.gatherSet(round, rank, outer.gatherSize).uids,
        sampled: this.#sample(beacon, round, neurons),
        earlier: await this.#earlierOriginals(round, signal),
        states: this.#statesBefore(round),
        zeroStateRoot: this.#zeroStateRoot,
        randomSequences: await readSequences(sources, random, signal),
        ownSequences: own,
      },
      scoring,
      this.#options.losses,
      signal,
    );
    const after = [...outcome.states.values()].map((changed) => ({
      neuronId: changed.neuronId,
      text: formatNeuronState(changed),
    }));
    book.record(round, formatRoundEntry(outcome.entry), after);
    return outcome.entry;
  }

  /**
   * States after the last evaluated round. Whoever revealed in a round since, which was not evaluated here, has a worker
   * state that is not known: it must not look broken.
   */
  #statesBefore(round: Round): Map<NeuronId, NeuronState> {
    const { book, follower } = this.#options;
    const states = this.neuronStates();
    for (const [neuronId, state] of states) {
      const last = follower.history.rounds.lastRevealBefore(round, neuronId);
      if (last !== undefined && book.entry(last.round) === undefined)
        states.set(neuronId, { ...state, stateAfter: null });
    }
    return states;
  }

  #sample(beacon: `0x${string}`, round: Round, neurons: ReadonlyMap<NeuronId, Uid>): Uid[] {
    const { run, validator, follower } = this.#options;
    const { scoring } = run.manifest;
    const epoch = epochOf(run.contracts.clock, round);
    const states = this.neuronStates();
    const revealed = follower.history
      .reveals(round)
      .filter(({ uid, neuronId }) => neurons.get(neuronId) === uid);
    const candidates = revealed.map(({ uid, neuronId }) => ({
      uid,
      lastEvaluated: states.get(neuronId)?.lastEvaluated ?? undefined,
      newcomer:
        epoch - (follower.history.metagraph.neuron(neuronId)?.registeredEpoch ?? 0) < scoring.newcomerEpochs,
    }));
    return evaluationSample(beacon, validator, round, candidates, scoring);
  }

  /** Every commit of the round by who held a uid then, with its update where it could be had. */
  async #commits(
    state: ModelState,
    neurons: ReadonlyMap<NeuronId, Uid>,
    signal: AbortSignal,
  ): Promise<RoundCommit[]> {
    const { history } = this.#options.follower;
    const { round } = state;
    const eligible = new Set(history.eligible(round).map(({ neuronId }) => neuronId));
    const commits: RoundCommit[] = [];
    for (const { neuronId, committedAt } of history.commits(round)) {
      const uid = neuronId === undefined ? undefined : neurons.get(neuronId);
      if (neuronId === undefined || uid === undefined) continue;
      const { blockNumber, logIndex } = committedAt;
      const reveal = history.rounds.reveal(round, neuronId);
      const found = reveal === undefined ? undefined : await this.#read(reveal, state.root, signal);
      const status =
        reveal === undefined
          ? "unrevealed"
          : found === "invalid"
            ? "invalid"
            : eligible.has(neuronId)
              ? "eligible"
              : "ineligible";
      const update = typeof found === "object" ? found : undefined;
      commits.push({
        uid,
        neuronId,
        blockNumber,
        logIndex,
        status,
        ...(update === undefined ? {} : { update }),
      });
    }
    return commits;
  }

  /** The decoded update, "invalid" where its bytes are none for this state, undefined where they cannot be had. */
  async #read(reveal: RevealedUpdate, parentRoot: string | undefined, signal: AbortSignal) {
    try {
      const { header, tensors } = await this.#options.updates.read(reveal, signal);
      if (parentRoot !== undefined && header.parentRoot !== parentRoot) return "invalid";
      return { tensors, stateBefore: header.stateBefore, stateAfter: header.stateAfter };
    } catch (error) {
      if (error instanceof InvalidUpdate) return "invalid";
      if (error instanceof WeftError && error.retryable) return undefined;
      throw error;
    }
  }

  /** Updates of the last rounds that copied nobody, to compare this round's with. */
  async #earlierOriginals(round: Round, signal: AbortSignal): Promise<CommittedUpdate[]> {
    const { run, follower, book } = this.#options;
    const originals: CommittedUpdate[] = [];
    for (let past = Math.max(0, round - run.manifest.scoring.overlapRounds); past < round; past += 1) {
      const text = book.entry(past);
      const neurons = text === undefined ? [] : parseRoundEntry(text).neurons;
      const copies = new Set(neurons.filter(({ copyOf }) => copyOf !== null).map(({ neuronId }) => neuronId));
      for (const reveal of follower.history.reveals(past)) {
        if (copies.has(reveal.neuronId)) continue;
        const found = await this.#read(reveal, undefined, signal);
        if (typeof found !== "object") continue;
        const { blockNumber, logIndex } = reveal.committedAt;
        originals.push({
          round: past,
          neuronId: reveal.neuronId,
          blockNumber,
          logIndex,
          tensors: found.tensors,
        });
      }
    }
    return originals;
  }
}
