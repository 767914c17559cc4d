import type { Hex } from "viem";
import { bigint, integer, text } from "../database/columns.ts";
import type { Database, Row } from "../database/database.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";

export const reportTables = `
    CREATE TABLE reports (
      neuronId INTEGER NOT NULL, type TEXT NOT NULL, round INTEGER NOT NULL, row TEXT NOT NULL,
      PRIMARY KEY (type, round, neuronId)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE reporters (hotkey TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT;`;

/** Rounds of which evaluations are kept: they are large, and the published logs have them too. */
const keptEvaluations = 500;

/** A row that a worker reported. */
export interface StoredReport {
  readonly neuronId: NeuronId;
  readonly round: Round;
  /** JSON. */
  readonly row: string;
}

/** What workers reported, a row per type, round and neuron. */
export class ReportTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Takes a worker's rows where `sequence` is above the last one of the hotkey; whether it did. A later row of the same type
   * and round replaces the earlier.
   */
  take(
    hotkey: Hex,
    neuronId: NeuronId,
    sequence: number,
    rows: readonly { readonly type: string; readonly round: Round; readonly row: string }[],
  ): boolean {
    const db = this.#database;
    return db.transaction(() => {
      const last = db.get("SELECT sequence FROM reporters WHERE hotkey = ?", hotkey);
      if (last !== undefined && integer(last, "sequence") >= sequence) return false;
      db.run("INSERT OR REPLACE INTO reporters VALUES (?, ?)", hotkey, sequence);
      for (const { type, round, row } of rows) {
        db.run("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", neuronId, type, round, row);
        if (type === "evaluation")
          db.run("DELETE FROM reports WHERE type = ? AND round < ?", type, round - keptEvaluations);
      }
      return true;
    });
  }

  /** Reports of a type of rounds `from` … `to`, by round and neuron. */
  ofType(type: string, from: Round, to: Round): StoredReport[] {
    const sql = "SELECT * FROM reports WHERE type = ? AND round BETWEEN ? AND ? ORDER BY round, neuronId";
    return this.#database.all(sql, type, from, to).map(storedReport);
  }

  /** Round of the last report of a type; undefined where there is none. */
  lastReported(type: string): Round | undefined {
    const sql = "SELECT round FROM reports WHERE type = ? ORDER BY round DESC LIMIT 1";
    const row = this.#database.get(sql, type);
    return row === undefined ? undefined : integer(row, "round");
  }
}

function storedReport(row: Row): StoredReport {
  return { neuronId: bigint(row, "neuronId"), round: integer(row, "round"), row: text(row, "row") };
}
