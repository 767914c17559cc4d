import type { NeuronEntry } from "../evaluation/evaluationLog.ts";
import { entryOf, rowFrom, statesAfter } from "../evaluation/logChecks.ts";
import {
  type AssignmentSources,
  evaluatedOwnSequences,
  evaluatedRandomSequences,
} from "../node/assignedSequences.ts";
import { gatheredUids } from "../node/gatheredUids.ts";
import { agreementOf } from "../protocol/agreement.ts";
import type { SequenceRef } from "../protocol/assignment.ts";
import { attestStart, firstRoundOf, roundEnd, roundStart } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { Epoch, NeuronId, Round, Uid } from "../protocol/quantities.ts";
import type { AttestedStake } from "../protocol/roundHistory.ts";
import type { RunHistory } from "../protocol/runHistory.ts";
import type { ContentRef } from "../storage/contentStore.ts";
import { type PublishedLog, readPublishedLog } from "./publishedLogs.ts";

export interface ExplainOptions extends AssignmentSources {
  readonly history: RunHistory;
  /** Time up to which the chain was read, Unix seconds. */
  readonly time: number;
  /** Told before each validator's log is read. */
  readonly onLog?: (index: number, of: number) => void;
}

/** What one validator found about the neuron in a round. */
export interface Evaluation {
  readonly validator: NeuronId;
  /** Undefined where its log has nothing of the neuron in that round, or is not here. */
  readonly entry: NeuronEntry | undefined;
  readonly sampled: boolean;
  /** On which the losses were computed; empty where there are none. */
  readonly own: readonly SequenceRef[];
  readonly random: readonly SequenceRef[];
}

/** A round as the chain and the logs tell it. Seconds count from the phase's start. */
export interface RoundReceipt {
  readonly round: Round;
  /** Whether the neuron held a uid before the round. */
  readonly held: boolean;
  readonly committed: { readonly afterSeconds: number; readonly bytes: number } | undefined;
  readonly revealedAfterSeconds: number | undefined;
  readonly attested: AttestedStake;
  readonly eligible: boolean;
  readonly gathered: boolean;
  readonly evaluations: readonly Evaluation[];
}

/** A validator of the epoch: when it acted, how well it agreed, and whether its log explains its row. */
export interface ValidatorReceipt {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  /** Wei at the epoch's end. */
  readonly stake: bigint;
  /** Rounds of the epoch in which it attested, and the slowest of them, in seconds from the phase's start. */
  readonly attestations: number;
  readonly slowestAttestationSeconds: number | undefined;
  /** Seconds from the start of the window. */
  readonly committedAfterSeconds: number | undefined;
  readonly revealedAfterSeconds: number | undefined;
  /** Share of its row that consensus left standing, Q32; undefined before the settlement, or without a row. */
  readonly agreement: bigint | undefined;
  readonly log: ContentRef | undefined;
  /** Why there is no log: an error's code. */
  readonly logProblem: string | undefined;
  /** Whether the row is what the log gives. */
  readonly row: "follows" | "differs" | "unknown";
}

export interface Explained {
  readonly rounds: readonly RoundReceipt[];
  readonly validators: readonly ValidatorReceipt[];
}

/**
 * What happened to a neuron's updates in an epoch, round by round as far as they are over, and what each validator of the
 * epoch made of it. A log that is missing or unusable is part of the answer.
 * @throws what the chain and the data set's manifest cost
 */
export async function explain(
  options: ExplainOptions,
  neuronId: NeuronId,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<Explained> {
  const { clock } = options.run.contracts;
  const first = firstRoundOf(clock, epoch);
  const over = Array.from({ length: clock.tempo }, (_, index) => first + index).filter(
    (round) => roundEnd(clock, round) <= options.time,
  );
  const evaluations = new Map(over.map((round) => [round, [] as Evaluation[]]));
  const validators: ValidatorReceipt[] = [];
  // One log at a time: they may be large.
  const permitted = validatorsOf(options.history, epoch, first);
  for (const [index, validator] of permitted.entries()) {
    options.onLog?.(index + 1, permitted.length);
    const found = await logOf(options, validator.neuronId, epoch, signal);
    validators.push(validatorReceipt(options, validator, epoch, found));
    for (const round of over)
      evaluations
        .get(round)
        ?.push(await evaluationOf(options, validator.neuronId, neuronId, round, found.published, signal));
  }
  const rounds: RoundReceipt[] = [];
  for (const round of over)
    rounds.push(await roundReceipt(options, neuronId, epoch, round, evaluations.get(round) ?? [], signal));
  return { rounds, validators };
}

interface Holder {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
}

function validatorsOf(history: RunHistory, epoch: Epoch, round: Round): Holder[] {
  return history.permits(epoch).flatMap((uid) => {
    const neuronId = history.occupant(uid, round);
    return neuronId === undefined ? [] : [{ neuronId, uid }];
  });
}

interface FoundLog {
  readonly published: PublishedLog | undefined;
  readonly problem: string | undefined;
}

async function logOf(
  { run, history }: ExplainOptions,
  validator: NeuronId,
  epoch: Epoch,
  signal: AbortSignal,
): Promise<FoundLog> {
  try {
    const published = await readPublishedLog(run, history, validator, epoch, signal);
    return { published, problem: undefined };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WeftError) return { published: undefined, problem: error.code };
    throw error;
  }
}

async function evaluationOf(
  options: ExplainOptions,
  validator: NeuronId,
  neuronId: NeuronId,
  round: Round,
  published: PublishedLog | undefined,
  signal: AbortSignal,
): Promise<Evaluation> {
  const found = published?.log.rounds.find((entry) => entry.round === round);
  const entry = found && entryOf(found, neuronId);
  const measured = entry !== undefined && entry.losses !== null;
  return {
    validator,
    entry,
    sampled: entry !== undefined && (found?.sampled.includes(entry.uid) ?? false),
    own: measured ? await evaluatedOwnSequences(options, neuronId, round, signal) : [],
    random: measured ? await evaluatedRandomSequences(options, validator, round, signal) : [],
  };
}

async function roundReceipt(
  { run, beacons, history }: ExplainOptions,
  neuronId: NeuronId,
  epoch: Epoch,
  round: Round,
  evaluations: readonly Evaluation[],
  signal: AbortSignal,
): Promise<RoundReceipt> {
  const { clock } = run.contracts;
  const start = roundStart(clock, round);
  const uid = history.metagraph.occupants(round).get(neuronId);
  const commit = history.commits(round).find((committed) => committed.neuronId === neuronId);
  const reveal = history.rounds.reveal(round, neuronId);
  const uids = await gatheredUids({ run, beacons, history }, round, signal);
  return {
    round,
    held: uid !== undefined,
    committed: commit && { afterSeconds: commit.committedAt.time - start, bytes: commit.size },
    revealedAfterSeconds: reveal && reveal.revealedAt.time - start - clock.commitSeconds,
    attested:
      uid === undefined ? { attested: 0n, permitted: 0n } : history.rounds.attestedStake(round, epoch, uid),
    eligible: history.eligible(round).some((update) => update.neuronId === neuronId),
    gathered: uid !== undefined && reveal !== undefined && uids.includes(uid),
    evaluations,
  };
}

function validatorReceipt(
  { run, history }: ExplainOptions,
  { neuronId, uid }: Holder,
  epoch: Epoch,
  { published, problem }: FoundLog,
): ValidatorReceipt {
  const { clock } = run.contracts;
  const window = firstRoundOf(clock, epoch + 1);
  const attested = Array.from(
    { length: clock.tempo },
    (_, index) => firstRoundOf(clock, epoch) + index,
  ).flatMap((round) =>
    history
      .attestations(round)
      .flatMap((attestation) =>
        attestation.neuronId === neuronId ? [attestation.attestedAt - attestStart(clock, round)] : [],
      ),
  );
  const commit = history.settled.weightCommit(epoch, neuronId);
  const row = history.weightRows(epoch).find((found) => found.neuronId === neuronId);
  const settlement = history.settlements.find((settled) => settled.epoch === epoch);
  const last = published?.log.rounds.at(-1);
  const { metagraph } = history;
  const expected =
    last && rowFrom(statesAfter(last), metagraph.occupants(window), metagraph.uidCount(), run.manifest).row;
  return {
    neuronId,
    uid,
    stake: history.stakeAt(neuronId, epoch + 1),
    attestations: attested.length,
    slowestAttestationSeconds: attested.length === 0 ? undefined : Math.max(...attested),
    committedAfterSeconds: commit && commit.time - roundStart(clock, window),
    revealedAfterSeconds: row && row.revealedAt - roundStart(clock, window + 1),
    agreement: settlement && agreementOf(history, settlement, neuronId),
    log: published?.ref,
    logProblem: problem,
    row:
      expected === undefined || row === undefined ? "unknown" : expected === row.row ? "follows" : "differs",
  };
}
