import type { NeuronId, Round, Uid } from "../protocol/quantities.ts";
import { bigint, integer, optionalInteger, optionalReal, real, text } from "./columns.ts";
import { Database, type Row, type Schema } from "./database.ts";

/** A validator's standing opinion of a neuron. */
export interface ScoreState {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  /** Plackett–Luce rating. */
  readonly mu: number;
  readonly sigma: number;
  /** Running mean of own-data evidence, −1 … 1 (DESIGN §10.3). */
  readonly computationAverage: number;
  /** Persistent factor, 0 … 1; 1 is unpunished. */
  readonly penalty: number;
  /** Round in which it was last evaluated; undefined: never. */
  readonly lastSeenRound: Round | undefined;
  /** Round of the last change. */
  readonly updatedRound: Round;
}

/** What a validator measured of one update. Losses in nats per token; undefined where nothing was measured. */
export interface EvaluationRow {
  readonly round: Round;
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  readonly ownLossBefore: number | undefined;
  readonly ownLossAfter: number | undefined;
  readonly randomLossBefore: number | undefined;
  readonly randomLossAfter: number | undefined;
  readonly muAfter: number;
  readonly sigmaAfter: number;
  readonly computationAverageAfter: number;
  readonly penaltyAfter: number;
  readonly score: number;
  /** Why it was marked down or not measured, e.g. "MISSING", "COPY"; empty: nothing to remark. */
  readonly reasons: readonly string[];
}

const schema: Schema = {
  name: "scores database",
  applicationId: 0x5765_5363,
  version: 1,
  tables: `
    CREATE TABLE states (
      neuronId INTEGER PRIMARY KEY, uid INTEGER NOT NULL, mu REAL NOT NULL, sigma REAL NOT NULL,
      computationAverage REAL NOT NULL, penalty REAL NOT NULL, lastSeenRound INTEGER, updatedRound INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE evaluations (
      round INTEGER NOT NULL, neuronId INTEGER NOT NULL, uid INTEGER NOT NULL, ownLossBefore REAL, ownLossAfter REAL,
      randomLossBefore REAL, randomLossAfter REAL, muAfter REAL NOT NULL, sigmaAfter REAL NOT NULL,
      computationAverageAfter REAL NOT NULL, penaltyAfter REAL NOT NULL, score REAL NOT NULL, reasons TEXT NOT NULL,
      PRIMARY KEY (round, neuronId)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), round INTEGER NOT NULL) STRICT;
  `,
  whenCorrupt: "Move it away: the validator scores anew from the rounds that follow.",
};

/** A validator's scores and the measurements behind them. */
export class ScoreBook {
  readonly #database: Database;

  /** @throws what `Database` throws */
  constructor(path: string) {
    this.#database = new Database(path, schema);
  }

  close(): void {
    this.#database.close();
  }

  /** Every neuron's state, ascending by neuronId. */
  states(): ScoreState[] {
    return this.#database.all("SELECT * FROM states ORDER BY neuronId").map(scoreState);
  }

  /** Last round that `recordRound` took; undefined before the first. */
  lastRound(): Round | undefined {
    const row = this.#database.get("SELECT round FROM progress");
    return row === undefined ? undefined : integer(row, "round");
  }

  /**
   * Takes a round's measurements and the states after it, all or nothing. A round already taken is left as it is,
   * so that a restart in the middle counts nothing twice. Returns whether it was taken.
   */
  recordRound(round: Round, states: readonly ScoreState[], evaluations: readonly EvaluationRow[]): boolean {
    return this.#database.transaction(() => {
      const last = this.lastRound();
      if (last !== undefined && round <= last) return false;
      for (const state of states) this.#putState(state);
      for (const evaluation of evaluations) this.#putEvaluation(evaluation);
      this.#database.run(
        "INSERT INTO progress VALUES (1, ?) ON CONFLICT DO UPDATE SET round = excluded.round",
        round,
      );
      return true;
    });
  }

  /** Measurements of rounds `from` … `to` inclusive, by round, then neuronId. */
  evaluations(from: Round, to: Round): EvaluationRow[] {
    const sql = "SELECT * FROM evaluations WHERE round BETWEEN ? AND ? ORDER BY round, neuronId";
    return this.#database.all(sql, from, to).map(evaluationRow);
  }

  #putState(state: ScoreState): void {
    this.#database.run(
      "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ...[state.neuronId, state.uid, state.mu, state.sigma, state.computationAverage, state.penalty],
      ...[state.lastSeenRound ?? null, state.updatedRound],
    );
  }

  #putEvaluation(row: EvaluationRow): void {
    this.#database.run(
      "INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ...[row.round, row.neuronId, row.uid, row.ownLossBefore ?? null, row.ownLossAfter ?? null],
      ...[row.randomLossBefore ?? null, row.randomLossAfter ?? null, row.muAfter, row.sigmaAfter],
      ...[row.computationAverageAfter, row.penaltyAfter, row.score, row.reasons.join(" ")],
    );
  }
}

function scoreState(row: Row): ScoreState {
  return {
    neuronId: bigint(row, "neuronId"),
    uid: integer(row, "uid"),
    mu: real(row, "mu"),
    sigma: real(row, "sigma"),
    computationAverage: real(row, "computationAverage"),
    penalty: real(row, "penalty"),
    lastSeenRound: optionalInteger(row, "lastSeenRound"),
    updatedRound: integer(row, "updatedRound"),
  };
}

function evaluationRow(row: Row): EvaluationRow {
  return {
    round: integer(row, "round"),
    neuronId: bigint(row, "neuronId"),
    uid: integer(row, "uid"),
    ownLossBefore: optionalReal(row, "ownLossBefore"),
    ownLossAfter: optionalReal(row, "ownLossAfter"),
    randomLossBefore: optionalReal(row, "randomLossBefore"),
    randomLossAfter: optionalReal(row, "randomLossAfter"),
    muAfter: real(row, "muAfter"),
    sigmaAfter: real(row, "sigmaAfter"),
    computationAverageAfter: real(row, "computationAverageAfter"),
    penaltyAfter: real(row, "penaltyAfter"),
    score: real(row, "score"),
    reasons: text(row, "reasons").split(" ").filter(Boolean),
  };
}
