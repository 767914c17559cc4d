import { rmSync } from "node:fs";
import type { ChainEvent } from "../protocol/chainEvents.ts";
import { WeftError } from "../protocol/errors.ts";
import { text } from "./columns.ts";
import { Database, type Schema } from "./database.ts";
import { formatEvent, parseEvent } from "./eventText.ts";
import { Reading, readingTables, type SeenBlock } from "./reading.ts";

/** What was read of a chain: events in chain order, and headers by which reading goes on. */
export interface ReadChain {
  readonly events: readonly ChainEvent[];
  readonly seen: readonly SeenBlock[];
}

const schema: Schema = {
  name: "event log",
  applicationId: 0x5765_4576,
  version: 2,
  tables: `
    ${readingTables}
    CREATE TABLE events (
      blockNumber INTEGER NOT NULL, logIndex INTEGER NOT NULL, event TEXT NOT NULL,
      PRIMARY KEY (blockNumber, logIndex)
    ) STRICT, WITHOUT ROWID;
  `,
  whenCorrupt: "Move it away: the chain is read anew.",
};

/** Codes of a file that is of no use; all in it can be read from the chain again. */
const useless: ReadonlySet<string> = new Set(["DATABASE_CORRUPT", "DATABASE_VERSION"]);

/** The events that a worker has read, and how far: a restarted one goes on there. Holds nothing but what the chain has. */
export class EventLog {
  readonly #database: Database;
  readonly #reading: Reading;

  /**
   * @param identity names the run, e.g. chain id and contracts. What the file has of another is dropped, as is a file that
   * is damaged or of another version.
   * @throws FatalError DATABASE_LOCKED, DATABASE_FOREIGN, DATABASE_UNAVAILABLE
   */
  constructor(path: string, identity: string) {
    this.#database = openOrRenew(path);
    this.#reading = new Reading(this.#database);
    this.#database.transaction(() => {
      if (this.#reading.claim(identity) !== "same") this.#clear();
    });
  }

  close(): void {
    this.#database.close();
  }

  /** Everything saved; nothing where it cannot be read. */
  load(): ReadChain {
    try {
      const events = this.#database.all("SELECT event FROM events ORDER BY blockNumber, logIndex");
      return { events: events.map((row) => parseEvent(text(row, "event"))), seen: this.#reading.seen() };
    } catch (error) {
      if (!(error instanceof SyntaxError || (error instanceof WeftError && useless.has(error.code))))
        throw error;
      this.#database.transaction(() => this.#clear());
      return { events: [], seen: [] };
    }
  }

  /**
   * Adds events, all or nothing.
   * @param seen replaces the headers saved before
   * @param rewoundTo number of the last block whose events still stand, where later ones were replaced
   */
  save({ events, seen }: ReadChain, rewoundTo?: bigint): void {
    this.#database.transaction(() => {
      if (rewoundTo !== undefined) this.#database.run("DELETE FROM events WHERE blockNumber > ?", rewoundTo);
      for (const event of events) {
        const { blockNumber, logIndex } = event;
        this.#database.run("INSERT INTO events VALUES (?, ?, ?)", blockNumber, logIndex, formatEvent(event));
      }
      this.#reading.see(seen);
    });
  }

  #clear(): void {
    this.#database.run("DELETE FROM events");
    this.#reading.see([]);
  }
}

function openOrRenew(path: string): Database {
  try {
    return new Database(path, schema, { exclusive: true });
  } catch (error) {
    if (!(error instanceof WeftError && useless.has(error.code))) throw error;
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
    return new Database(path, schema, { exclusive: true });
  }
}
