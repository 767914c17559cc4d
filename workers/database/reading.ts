import type { Hex } from "viem";
import type { BlockTime } from "../protocol/quantities.ts";
import { bigint, hex, integer, text } from "./columns.ts";
import type { Database, Row } from "./database.ts";

/** A block that was read. */
export interface SeenBlock {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: BlockTime;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly mixHash: Hex;
}

/** Tables of a `Reading`. */
export const readingTables = `
    CREATE TABLE identity (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE seen (
      number INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, hash TEXT NOT NULL, parentHash TEXT NOT NULL,
      mixHash TEXT NOT NULL
    ) STRICT;`;

/** Of which run a file has events, and how far its chain was read. Its callers make the transactions. */
export class Reading {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the file one of `identity`'s run. Whether it was, or was `new`, or had `another`, whose events are still there. */
  claim(identity: string): "same" | "new" | "another" {
    const row = this.#database.get("SELECT value FROM identity WHERE name = 'run'");
    if (row !== undefined && text(row, "value") === identity) return "same";
    this.#database.run("INSERT OR REPLACE INTO identity VALUES ('run', ?)", identity);
    return row === undefined ? "new" : "another";
  }

  /** Headers by which reading goes on, ascending. */
  seen(): SeenBlock[] {
    return this.#database.all("SELECT * FROM seen ORDER BY number").map(seenBlock);
  }

  /** Replaces the headers. */
  see(seen: readonly SeenBlock[]): void {
    this.#database.run("DELETE FROM seen");
    for (const { number, timestamp, hash, parentHash, mixHash } of seen) {
      this.#database.run(
        "INSERT INTO seen VALUES (?, ?, ?, ?, ?)",
        ...[number, timestamp, hash, parentHash, mixHash],
      );
    }
  }
}

function seenBlock(row: Row): SeenBlock {
  return {
    number: bigint(row, "number"),
    timestamp: integer(row, "timestamp"),
    hash: hex(row, "hash"),
    parentHash: hex(row, "parentHash"),
    mixHash: hex(row, "mixHash"),
  };
}
