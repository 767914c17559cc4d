import type { EvaluationBook } from "../database/evaluationBook.ts";
import { type Machine, parseRoundEntry, type RoundEntry } from "../evaluation/evaluationLog.ts";
import type { Run } from "../node/run.ts";
import { epochOf } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { Epoch, NeuronId, Round } from "../protocol/quantities.ts";
import type { RunHistory } from "../protocol/runHistory.ts";
import { readPublishedLog } from "./publishedLogs.ts";

/** What a validator says it found, as far as it can be read. */
export interface LoggedRounds {
  /** Entry of a round; undefined for one that was not evaluated, or whose log is not here. */
  readonly entry: (round: Round) => RoundEntry | undefined;
  /** Whether the log that would hold a round is here. */
  readonly covers: (round: Round) => boolean;
  /** Where the round's own entry stands: a log's CID, or a database. */
  readonly source: string;
  /** What computed the losses; undefined where the source does not say. */
  readonly machine: Machine | undefined;
  /** Logs that should be there and are not, "CODE of epoch n". */
  readonly missing: readonly string[];
}

/**
 * The log of a round's epoch, and those before it that the round looks back on: the rounds whose updates are compared, and
 * the last one evaluated.
 * @throws as `readPublishedLog`, for the round's own epoch
 */
export async function loggedRounds(
  run: Run,
  history: RunHistory,
  validator: NeuronId,
  round: Round,
  signal: AbortSignal,
): Promise<LoggedRounds> {
  const epoch = epochOf(run.contracts.clock, round);
  const { log, ref } = await readPublishedLog(run, history, validator, epoch, signal);
  const entries = new Map(log.rounds.map((entry) => [entry.round, entry]));
  const loaded = new Set([epoch]);
  const missing: string[] = [];
  for (const past of epochsBefore(run, history, validator, round)) {
    try {
      const earlier = await readPublishedLog(run, history, validator, past, signal);
      loaded.add(past);
      for (const entry of earlier.log.rounds) entries.set(entry.round, entry);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WeftError)) throw error;
      missing.push(`${error.code} of epoch ${past}`);
    }
  }
  return {
    entry: (past) => entries.get(past),
    covers: (past) => loaded.has(epochOf(run.contracts.clock, past)),
    source: ref.cid,
    machine: log.machine,
    missing,
  };
}

/** Everything in a validator's own database. */
export function bookedRounds(book: EvaluationBook): LoggedRounds {
  return {
    entry: (round) => {
      const text = book.entry(round);
      return text === undefined ? undefined : parseRoundEntry(text);
    },
    covers: () => true,
    source: "database",
    machine: undefined,
    missing: [],
  };
}

function epochsBefore(run: Run, history: RunHistory, validator: NeuronId, round: Round): Epoch[] {
  const { clock } = run.contracts;
  const epoch = epochOf(clock, round);
  const compared = epochOf(clock, Math.max(0, round - run.manifest.scoring.overlapRounds));
  const last = history.settled.lastCommitBefore(epoch, validator)?.epoch ?? epoch;
  const first = Math.min(compared, last);
  const committed = (past: Epoch) => history.settled.weightCommit(past, validator) !== undefined;
  return Array.from({ length: epoch - first }, (_, index) => first + index).filter(committed);
}
