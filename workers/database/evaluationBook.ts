import type { NeuronId, Round } from "../protocol/quantities.ts";
import { integer, text } from "./columns.ts";
import { Database, type Schema } from "./database.ts";

/** A neuron's state as the evaluation writes it. */
export interface StateText {
  readonly neuronId: NeuronId;
  readonly text: string;
}

const schema: Schema = {
  name: "evaluation book",
  applicationId: 0x5765_5363,
  version: 3,
  tables: `
    CREATE TABLE states (neuronId INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE TABLE rounds (round INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
  `,
  whenCorrupt: "Move it away: the validator scores anew from the rounds that follow.",
};

/** What a validator found, round by round, and what it thinks of each neuron after the last one. */
export class EvaluationBook {
  readonly #database: Database;

  /** @throws what `Database` throws */
  constructor(path: string) {
    this.#database = new Database(path, schema);
  }

  close(): void {
    this.#database.close();
  }

  /** Every neuron's state, ascending by neuronId. */
  states(): string[] {
    return this.#database.all("SELECT text FROM states ORDER BY neuronId").map((row) => text(row, "text"));
  }

  /** What was found in a round; undefined for one not evaluated. */
  entry(round: Round): string | undefined {
    const row = this.#database.get("SELECT entry FROM rounds WHERE round = ?", round);
    return row === undefined ? undefined : text(row, "entry");
  }

  /** Entries of rounds `from` … `to` inclusive, ascending. */
  entries(from: Round, to: Round): string[] {
    const sql = "SELECT entry FROM rounds WHERE round BETWEEN ? AND ? ORDER BY round";
    return this.#database.all(sql, from, to).map((row) => text(row, "entry"));
  }

  /** Last round in the book; undefined before the first. */
  lastRound(): Round | undefined {
    const row = this.#database.get("SELECT round FROM rounds ORDER BY round DESC LIMIT 1");
    return row === undefined ? undefined : integer(row, "round");
  }

  /** Takes the last round's entry back, and puts in place the states before it, all or nothing. */
  forget(round: Round, states: readonly StateText[]): void {
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM rounds WHERE round = ?", round);
      for (const state of states) {
        this.#database.run("INSERT OR REPLACE INTO states VALUES (?, ?)", state.neuronId, state.text);
      }
    });
  }

  /**
   * Takes a round's entry and the states after it, all or nothing. A round that is not later than the last one is left as
   * it is, so that a restart counts nothing twice. Returns whether it was taken.
   */
  record(round: Round, entry: string, states: readonly StateText[]): boolean {
    return this.#database.transaction(() => {
      const last = this.lastRound();
      if (last !== undefined && round <= last) return false;
      for (const state of states) {
        this.#database.run("INSERT OR REPLACE INTO states VALUES (?, ?)", state.neuronId, state.text);
      }
      this.#database.run("INSERT INTO rounds VALUES (?, ?)", round, entry);
      return true;
    });
  }
}
