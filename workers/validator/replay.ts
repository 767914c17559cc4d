import { type Difference, firstDifference } from "../evaluation/difference.ts";
import type { NeuronEntry, RoundEntry } from "../evaluation/evaluationLog.ts";
import {
  auditsIn,
  entryOf,
  lossesIn,
  rowFrom,
  statesAfter,
  statesBeforeIn,
  withinTolerance,
} from "../evaluation/logChecks.ts";
import type { LossFunction } from "../evaluation/lossScore.ts";
import { newNeuronState } from "../evaluation/neuronState.ts";
import { evaluateRound } from "../evaluation/roundEvaluation.ts";
import type { RoundInputs } from "../evaluation/roundInputs.ts";
import { epochOf, firstRoundOf, roundEnd } from "../protocol/clock.ts";
import { FatalError } from "../protocol/errors.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { Auditor } from "./auditor.ts";
import type { LoggedRounds } from "./loggedRounds.ts";
import { RoundSources, type RoundSourcesOptions } from "./roundSources.ts";
import { statesBefore } from "./statesBefore.ts";

export interface ReplayOptions extends RoundSourcesOptions {
  readonly losses: LossFunction;
  readonly auditor: Pick<Auditor, "findings">;
}

/** Whose score is recomputed, of which round; of `all` neurons the losses too, else of this one alone. */
export interface ReplayRequest {
  readonly neuronId: NeuronId;
  readonly round: Round;
  readonly all: boolean;
}

export interface Replayed {
  /**
   * `tolerated`: the losses differ by no more than machines may (manifest `lossTolerance`), all that follows from them is
   * identical. `undecided`: something differs, and may hang on a log of an earlier epoch that is missing.
   */
  readonly verdict: "identical" | "tolerated" | "different" | "undecided";
  readonly difference: Difference | undefined;
  readonly logged: NeuronEntry;
  readonly recomputed: NeuronEntry;
  /** Whether what the log remembers before the round is what it remembered after the last one; unknown without that log. */
  readonly continuity: "follows" | "differs" | "unknown";
  /** Whether the row the validator revealed is what its log gives; unknown where none was revealed, or without a log. */
  readonly row: "follows" | "differs" | "unknown";
}

/**
 * Recomputes what a validator found about a neuron in a round: from chain and content everything but the losses of the other
 * neurons and their audits, which the log gives, as it gives what nobody can compute again: what was withheld. The round
 * must be over.
 * @throws FatalError ROUND_NOT_EVALUATED, NEURON_NOT_LOGGED; as the content store for what nobody serves
 */
export async function replay(
  options: ReplayOptions,
  logged: LoggedRounds,
  request: ReplayRequest,
  signal: AbortSignal,
): Promise<Replayed> {
  const { run, losses, auditor } = options;
  const { neuronId, round } = request;
  const entry = requireEntry(logged, round);
  const own = requireNeuron(entry, neuronId);
  const findings = { entry: logged.entry, states: statesBeforeIn(entry), unread: entry.unread };
  const inputs = await new RoundSources(options).inputs(round, findings, signal);
  const evaluate = async (computed: ReadonlySet<NeuronId>) => {
    const givenLosses = lossesIn(entry, computed);
    const audits = await auditor.findings(round - 1, signal, { found: auditsIn(entry), computed });
    const whole = { ...inputs, givenLosses, audits };
    return (await evaluateRound(whole, run.manifest.scoring, losses, signal)).entry;
  };
  const computed = new Set(request.all ? entry.neurons.map((neuron) => neuron.neuronId) : [neuronId]);
  const again = await evaluate(computed);
  const continuity = continuityOf(options, logged, entry, inputs);
  const row = rowOf(options, logged, round);
  const recomputed = entryOf(again, neuronId) ?? own;
  let verdict: Replayed["verdict"] = "identical";
  let difference = differenceOf(entry, again, neuronId);
  if (difference !== undefined && tolerable(entry, again, run.manifest.scoring.lossTolerance)) {
    difference = differenceOf(entry, await evaluate(new Set()), neuronId);
    verdict = "tolerated";
  }
  difference ??= continuity.difference ?? row.difference;
  if (difference !== undefined) verdict = looksBackWhole(options, logged, round) ? "different" : "undecided";
  return { verdict, difference, logged: own, recomputed, continuity: continuity.state, row: row.state };
}

/** @throws FatalError ROUND_NOT_OVER */
export function requireOver({ run, follower }: Pick<ReplayOptions, "run" | "follower">, round: Round): void {
  if (roundEnd(run.contracts.clock, round) <= follower.syncedTime) return;
  throw new FatalError("ROUND_NOT_OVER", `round ${round} is not over yet`, {
    data: { round },
    hint: "Validators evaluate a round once it is over, and publish what they found an epoch later.",
  });
}

function requireEntry(logged: LoggedRounds, round: Round): RoundEntry {
  const entry = logged.entry(round);
  if (entry !== undefined) return entry;
  throw new FatalError("ROUND_NOT_EVALUATED", `the validator did not evaluate round ${round}`, {
    data: { round, source: logged.source },
    hint: "Its log has no entry for it. Take another round, or another validator.",
  });
}

function requireNeuron(entry: RoundEntry, neuronId: NeuronId): NeuronEntry {
  const own = entryOf(entry, neuronId);
  if (own !== undefined) return own;
  throw new FatalError(
    "NEURON_NOT_LOGGED",
    `the validator found nothing about neuron ${neuronId} in that round`,
    {
      data: { neuronId, round: entry.round },
      hint: "It never committed an update that this validator knows of, or took the uid later.",
    },
  );
}

/** Whether the logs of all rounds whose copies matter in this one are here. */
function looksBackWhole({ run }: ReplayOptions, logged: LoggedRounds, round: Round): boolean {
  const { overlapRounds } = run.manifest.scoring;
  const compared = Array.from({ length: Math.min(overlapRounds, round) }, (_, back) => round - 1 - back);
  return logged.missing.length === 0 || compared.every(logged.covers);
}

/** What differs: first what is the round's, then the neuron's, then everybody's. */
function differenceOf(logged: RoundEntry, again: RoundEntry, neuronId: NeuronId): Difference | undefined {
  const { neurons: _logged, ...loggedRound } = logged;
  const { neurons: _again, ...againRound } = again;
  return (
    firstDifference(loggedRound, againRound, "round") ??
    firstDifference(entryOf(logged, neuronId), entryOf(again, neuronId), `neuron ${neuronId}`) ??
    firstDifference(byNeuron(logged), byNeuron(again), "neurons")
  );
}

function byNeuron({ neurons }: RoundEntry): Record<string, NeuronEntry> {
  return Object.fromEntries(neurons.map((neuron) => [String(neuron.neuronId), neuron]));
}

function tolerable(logged: RoundEntry, again: RoundEntry, tolerance: number): boolean {
  return logged.neurons.every(({ neuronId, losses, audit }) => {
    const other = entryOf(again, neuronId);
    // Another machine compares within tolerances what an equal one compares bit by bit.
    if (audit?.result !== other?.audit?.result) return false;
    const theirs = other?.losses ?? null;
    if (losses === null || theirs === null) return losses === theirs;
    return withinTolerance(losses, theirs, tolerance);
  });
}

interface Check {
  readonly state: "follows" | "differs" | "unknown";
  readonly difference?: Difference | undefined;
}

/** Whether the states before the round are those after the last one evaluated. */
function continuityOf(
  { run, follower }: ReplayOptions,
  logged: LoggedRounds,
  { round, neurons }: RoundEntry,
  inputs: RoundInputs,
): Check {
  let last = round - 1;
  while (last >= 0 && logged.entry(last) === undefined) {
    // A round that no log here covers may have been evaluated.
    if (!logged.covers(last)) return { state: "unknown" };
    last -= 1;
  }
  const previous = logged.entry(last);
  const after = previous === undefined ? new Map() : statesAfter(previous);
  const entry = (past: Round) => logged.entry(past);
  const expected = statesBefore(round, after, follower.history, entry);
  const known = new Set([...expected.keys()].filter((neuronId) => inputs.neurons.has(neuronId)));
  for (const { neuronId, before } of neurons) {
    known.delete(neuronId);
    const state = expected.get(neuronId) ?? newNeuronState(neuronId, run.manifest.scoring.rating);
    const difference = firstDifference({ neuronId, ...before }, { ...state }, `neuron ${neuronId}.before`);
    if (difference !== undefined) return { state: "differs", difference };
  }
  const [forgotten] = known;
  if (forgotten === undefined) return { state: "follows" };
  return {
    state: "differs",
    difference: { path: `neuron ${forgotten}`, logged: undefined, recomputed: expected.get(forgotten) },
  };
}

/** Whether the states after the epoch's last evaluated round give the row that was revealed. */
function rowOf(options: ReplayOptions, logged: LoggedRounds, round: Round): Check {
  const { run, follower, validator } = options;
  const { clock } = run.contracts;
  const epoch = epochOf(clock, round);
  const { history } = follower;
  const revealed = history.weightRows(epoch).find(({ neuronId }) => neuronId === validator)?.row;
  const rounds = Array.from({ length: clock.tempo }, (_, index) => firstRoundOf(clock, epoch) + index);
  const last = rounds.map(logged.entry).findLast((entry) => entry !== undefined);
  if (revealed === undefined || last === undefined) return { state: "unknown" };
  const neurons = history.metagraph.occupants(firstRoundOf(clock, epoch + 1));
  const { row } = rowFrom(statesAfter(last), neurons, history.metagraph.uidCount(), run.manifest);
  if (row === revealed) return { state: "follows" };
  return { state: "differs", difference: { path: "row", logged: revealed, recomputed: row } };
}
