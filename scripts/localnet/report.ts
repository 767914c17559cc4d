import { parameterLayout } from "../../workers/model/layout.ts";
import type { RunManifest } from "../../workers/protocol/manifest.ts";
import { parameterCount } from "../../workers/protocol/tensors.ts";
import { type ActionGas, median } from "./gas.ts";
import type { MinerRound, Observations } from "./observations.ts";
import { type Standing, sum } from "./standings.ts";

/** What a run of the local network came to; `--report` writes it. Amounts in whole tokens, losses in nats per token. */
export interface Report {
  readonly rounds: number;
  readonly wallSeconds: number;
  readonly setupSeconds: number;
  readonly secondsToFirstReward: number | null;
  readonly roundSeconds: number;
  readonly epochsSettled: number;
  /** Rounds whose starting state more than two thirds of the stake signed. */
  readonly checkpoints: readonly number[];
  /** Loss of θ_0, then one entry per round: of the state after it. */
  readonly initialValidationLoss: number | null;
  readonly validationLoss: readonly (number | null)[];
  readonly trainLoss: readonly (number | null)[];
  readonly participants: readonly ParticipantReport[];
  readonly updates: {
    readonly count: number;
    /** Median. */
    readonly bytesPerUpdate: number;
    readonly denseBytes: number;
    readonly ratio: number;
  };
  readonly communicationShare: number;
  /** Mean seconds of a round on a miner's critical path; idle is waiting for a phase, outside of the share. */
  readonly secondsPerRound: Readonly<Record<keyof MinerRound["seconds"], number>>;
  readonly gas: Readonly<Record<string, ActionGas>>;
  readonly newStorageSlotsPerRound: number;
  readonly stateRoots: readonly StateRootReport[];
  /** Rounds and duties that somebody missed, "name: CODE in round n". */
  readonly missed: readonly string[];
  readonly modelPath: string;
  readonly sample: string;
}

export interface ParticipantReport {
  readonly uid: number;
  readonly name: string;
  readonly role: string;
  readonly behaviour: string;
  readonly stake: number;
  readonly score: number | null;
  /** Share of all miners' incentive. */
  readonly incentiveShare: number;
  /** Share of all validators' dividends, and of all validators' stake at the end. */
  readonly dividendShare: number;
  readonly stakeShare: number;
  readonly earned: number;
  /** How often each reason spoke against its updates, over all validators. */
  readonly penalties: Readonly<Record<string, number>>;
}

export interface StateRootReport {
  readonly round: number;
  readonly root: string;
  readonly processes: number;
  readonly agree: boolean;
}

/** What the report takes from the run besides what the workers published. */
export interface RunFacts {
  readonly rounds: number;
  readonly wallSeconds: number;
  readonly setupSeconds: number;
  readonly secondsToFirstReward: number | undefined;
  readonly roundSeconds: number;
  readonly epochsSettled: number;
  /** Rounds whose starting state more than two thirds of the stake signed. */
  readonly checkpoints: readonly number[];
  readonly manifest: RunManifest;
  readonly standings: readonly Standing[];
  readonly gas: Readonly<Record<string, ActionGas>>;
  readonly newStorageSlotsPerRound: number;
  readonly modelPath: string;
  readonly sample: string;
}

export function buildReport(facts: RunFacts, observations: Observations): Report {
  const { rounds, manifest, standings } = facts;
  const minerRounds = [...observations.minerRounds.values()].flat();
  const denseBytes = 4 * parameterCount(parameterLayout(manifest.model));
  const bytesPerUpdate = median(minerRounds.map(({ updateBytes }) => updateBytes));
  const trained = minerRounds.filter(({ trainLoss }) => trainLoss !== undefined);
  const roundNumbers = Array.from({ length: rounds }, (_, round) => round);
  const { rounds: _rounds, standings: _standings, manifest: _manifest, ...plain } = facts;
  return {
    rounds,
    ...plain,
    secondsToFirstReward: facts.secondsToFirstReward ?? null,
    initialValidationLoss: observations.heldOutLoss.get(0) ?? null,
    validationLoss: roundNumbers.map((round) => observations.heldOutLoss.get(round + 1) ?? null),
    trainLoss: roundNumbers.map((round) => meanTrainLoss(trained, round)),
    participants: standings.map((standing) => participantReport(standing, standings, observations)),
    updates: {
      count: minerRounds.length,
      bytesPerUpdate,
      denseBytes,
      ratio: bytesPerUpdate === 0 ? 0 : denseBytes / bytesPerUpdate,
    },
    communicationShare: communicationShare(trained),
    secondsPerRound: meanSeconds(trained),
    stateRoots: stateRoots(observations, rounds),
    missed: [...observations.missed].flatMap(([name, list]) => list.map((what) => `${name}: ${what}`)),
  };
}

function participantReport(
  { participant, stake, score, share, earned }: Standing,
  standings: readonly Standing[],
  observations: Observations,
): ParticipantReport {
  const { uid, name, role, behaviour } = participant;
  const validators = standings.filter((standing) => standing.participant.role === "validator");
  const validatorStake = sum(validators.map((standing) => standing.stake));
  const penalties = role === "miner" ? Object.fromEntries(observations.penaltyCounts(uid)) : {};
  return {
    uid,
    name,
    role,
    behaviour,
    stake: inTokens(stake),
    score: score ?? null,
    incentiveShare: role === "miner" ? (share ?? 0) : 0,
    dividendShare: role === "validator" ? (share ?? 0) : 0,
    stakeShare: role === "validator" ? inTokens(stake) / inTokens(validatorStake) : 0,
    earned: inTokens(earned),
    penalties,
  };
}

/** Seconds communicating over those plus training; miners that do not train do not count. */
function communicationShare(rounds: readonly MinerRound[]): number {
  const { train, encode, store, transaction, fetch, decode } = meanSeconds(rounds);
  const communicating = encode + store + transaction + fetch + decode;
  return rounds.length === 0 ? 0 : communicating / (communicating + train);
}

function meanSeconds(rounds: readonly MinerRound[]): Record<keyof MinerRound["seconds"], number> {
  const mean = (name: keyof MinerRound["seconds"]) =>
    rounds.reduce((total, { seconds }) => total + seconds[name], 0) / Math.max(1, rounds.length);
  return {
    train: mean("train"),
    encode: mean("encode"),
    store: mean("store"),
    transaction: mean("transaction"),
    fetch: mean("fetch"),
    decode: mean("decode"),
    idle: mean("idle"),
  };
}

function meanTrainLoss(rounds: readonly MinerRound[], round: number): number | null {
  const losses = rounds.filter((each) => each.round === round).map(({ trainLoss }) => trainLoss ?? 0);
  return losses.length === 0 ? null : losses.reduce((total, loss) => total + loss, 0) / losses.length;
}

function stateRoots(observations: Observations, rounds: number): StateRootReport[] {
  return [...observations.roots]
    .filter(([round]) => round <= rounds)
    .sort(([a], [b]) => a - b)
    .map(([round, byProcess]) => {
      const roots = [...byProcess.values()];
      return {
        round,
        root: roots[0],
        processes: roots.length,
        agree: roots.every((root) => root === roots[0]),
      };
    });
}

function inTokens(wei: bigint): number {
  return Number(wei / 10n ** 12n) / 1e6;
}
