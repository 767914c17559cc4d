import { rmSync } from "node:fs";
import type { Hex } from "viem";
import type { ChainEvent } from "../protocol/chainEvents.ts";
import { WeftError } from "../protocol/errors.ts";
import type { BlockTime } from "../protocol/quantities.ts";
import { bigint, hex, integer, text } from "./columns.ts";
import { Database, type Schema } from "./database.ts";

/** A block that was read. */
export interface SeenBlock {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: BlockTime;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly mixHash: Hex;
}

/** What was read of a chain: events in chain order, and headers by which reading goes on. */
export interface ReadChain {
  readonly events: readonly ChainEvent[];
  readonly seen: readonly SeenBlock[];
}

const schema: Schema = {
  name: "event log",
  applicationId: 0x5765_4576,
  version: 1,
  tables: `
    CREATE TABLE identity (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE events (
      blockNumber INTEGER NOT NULL, logIndex INTEGER NOT NULL, event TEXT NOT NULL,
      PRIMARY KEY (blockNumber, logIndex)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE seen (
      number INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, hash TEXT NOT NULL, parentHash TEXT NOT NULL,
      mixHash TEXT NOT NULL
    ) STRICT;
  `,
  whenCorrupt: "Move it away: the chain is read anew.",
};

/** Codes of a file that is of no use; all in it can be read from the chain again. */
const useless: ReadonlySet<string> = new Set(["DATABASE_CORRUPT", "DATABASE_VERSION"]);

/** The events that a worker has read, and how far: a restarted one goes on there. Holds nothing but what the chain has. */
export class EventLog {
  readonly #database: Database;

  /**
   * @param identity names the run, e.g. chain id and contracts. What the file has of another is dropped, as is a file that
   * is damaged or of another version.
   * @throws FatalError DATABASE_LOCKED, DATABASE_FOREIGN, DATABASE_UNAVAILABLE
   */
  constructor(path: string, identity: string) {
    this.#database = openOrRenew(path);
    this.#database.transaction(() => {
      const row = this.#database.get("SELECT value FROM identity WHERE name = 'run'");
      if (row !== undefined && text(row, "value") === identity) return;
      this.#clear();
      this.#database.run("INSERT OR REPLACE INTO identity VALUES ('run', ?)", identity);
    });
  }

  close(): void {
    this.#database.close();
  }

  /** Everything saved; nothing where it cannot be read. */
  load(): ReadChain {
    try {
      const events = this.#database.all("SELECT event FROM events ORDER BY blockNumber, logIndex");
      const seen = this.#database.all("SELECT * FROM seen ORDER BY number");
      return { events: events.map((row) => parseEvent(text(row, "event"))), seen: seen.map(seenBlock) };
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
      this.#database.run("DELETE FROM seen");
      for (const { number, timestamp, hash, parentHash, mixHash } of seen) {
        this.#database.run(
          "INSERT INTO seen VALUES (?, ?, ?, ?, ?)",
          ...[number, timestamp, hash, parentHash, mixHash],
        );
      }
    });
  }

  #clear(): void {
    this.#database.run("DELETE FROM events");
    this.#database.run("DELETE FROM seen");
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

export function seenBlock(row: Parameters<typeof text>[0]): SeenBlock {
  return {
    number: bigint(row, "number"),
    timestamp: integer(row, "timestamp"),
    hash: hex(row, "hash"),
    parentHash: hex(row, "parentHash"),
    mixHash: hex(row, "mixHash"),
  };
}

/** A bigint as text, and a text that looks like one or like an escaped one: such texts are escaped by a backslash. */
const bigintText = /^-?\d+n$/;
const escapedText = /^\\*-?\d+n$/;

/** JSON text of an event; bigints are decimal digits with an n behind. */
export function formatEvent(event: ChainEvent): string {
  return JSON.stringify(event, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    return typeof value === "string" && escapedText.test(value) ? `\\${value}` : value;
  });
}

export function parseEvent(json: string): ChainEvent {
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== "string") return value;
    if (bigintText.test(value)) return BigInt(value.slice(0, -1));
    return escapedText.test(value) ? value.slice(1) : value;
  });
}
