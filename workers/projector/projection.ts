import { bigint, integer, optionalInteger, text } from "../database/columns.ts";
import { Database, type Schema } from "../database/database.ts";
import type { ReadChain } from "../database/eventLog.ts";
import { formatEvent, parseEvent } from "../database/eventText.ts";
import { Reading, readingTables, type SeenBlock } from "../database/reading.ts";
import type { ChainEvent } from "../protocol/chainEvents.ts";
import type { BlockTime, Epoch, NeuronId, Round } from "../protocol/quantities.ts";
import { keysOf } from "./eventKeys.ts";
import { ReportTable, reportTables } from "./reportTable.ts";

const schema: Schema = {
  name: "projection",
  applicationId: 0x5765_5072,
  version: 1,
  tables: `
    ${readingTables}
    CREATE TABLE events (
      blockNumber INTEGER NOT NULL, logIndex INTEGER NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL,
      round INTEGER, epoch INTEGER, neuronId INTEGER, size INTEGER, event TEXT NOT NULL,
      PRIMARY KEY (blockNumber, logIndex)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX eventsByRound ON events (round, type, size) WHERE round IS NOT NULL;
    CREATE INDEX eventsByType ON events (type, epoch);
    CREATE INDEX eventsByTypeAndTime ON events (type, time);
    CREATE INDEX eventsByTime ON events (time);
    CREATE INDEX eventsByNeuron ON events (neuronId, type, round) WHERE neuronId IS NOT NULL;
    CREATE TABLE rounds (
      round INTEGER PRIMARY KEY, commits INTEGER NOT NULL, reveals INTEGER NOT NULL, attestations INTEGER NOT NULL,
      bytes INTEGER NOT NULL
    ) STRICT;
    ${reportTables}
  `,
  whenCorrupt: "Move it away: everything in it is read from the chain again.",
};

type Types = readonly ChainEvent["type"][];

/** Events that say who takes part: few, and needed for any answer. */
const keys: Types = ["Registered", "HotkeyRotated", "ColdkeyTransferred", "PermitClaimed", "Minted"];
/** Events that change pools. */
const pools: Types = ["PoolChanged", "Credited"];
/** Events that a round is made of. */
const ofRounds: Types = ["UpdateCommitted", "UpdateRevealed", "Attested"];

/** Events that an epoch is made of. */
const ofEpochs: Types = ["WeightsCommitted", "WeightsRevealed", "EpochSettled"];
/** Who takes part, what they hold, and what was settled: few, and true for all rounds. */
const standing: Types = [...keys, ...pools, "Claimed", "EpochSettled"];

/** Whether an event is among those that `Projection.standing` gives. */
export function isStanding({ type }: ChainEvent): boolean {
  return standing.includes(type);
}

/** What is counted of a round. */
export interface RoundCounts {
  readonly round: Round;
  readonly commits: number;
  readonly reveals: number;
  readonly attestations: number;
  /** Of revealed updates. */
  readonly bytes: number;
}

/** A run's events and its workers' reports, in a file that can be thrown away: chain and content have it all. */
export class Projection {
  /** What workers reported. */
  readonly reports: ReportTable;
  readonly #database: Database;
  readonly #reading: Reading;

  /** @throws as `Database` */
  constructor(path: string) {
    this.#database = new Database(path, schema, { exclusive: true });
    this.reports = new ReportTable(this.#database);
    this.#reading = new Reading(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  /** Makes the file one of `identity`'s run: what it has of another goes. Whether it did. */
  claim(identity: string): boolean {
    return this.#database.transaction(() => {
      const claimed = this.#reading.claim(identity);
      if (claimed !== "same") this.#clear();
      return claimed === "another";
    });
  }

  /** Empties it. */
  clear(): void {
    this.#database.transaction(() => this.#clear());
  }

  #clear(): void {
    for (const table of ["events", "rounds", "reports", "reporters"])
      this.#database.run(`DELETE FROM ${table}`);
    this.#reading.see([]);
  }

  /** Headers by which reading goes on. */
  seen(): SeenBlock[] {
    return this.#reading.seen();
  }

  /** Adds events and replaces the headers seen, all or nothing; `rewoundTo` as in `EventLog.save`. */
  save({ events, seen }: ReadChain, rewoundTo?: bigint): void {
    const db = this.#database;
    db.transaction(() => {
      const changed = new Set(rewoundTo === undefined ? [] : this.#rewind(rewoundTo));
      for (const event of events) {
        const { blockNumber, logIndex, time, type } = event;
        const { round, epoch, neuronId, size } = keysOf(event);
        if (round !== undefined) changed.add(round);
        const keys = [round ?? null, epoch ?? null, neuronId ?? null, size ?? null];
        const place = [blockNumber, logIndex, time, type];
        db.run(
          "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          ...place,
          ...keys,
          formatEvent(event),
        );
      }
      for (const round of changed) this.#count(round);
      this.#reading.see(seen);
    });
  }

  /**
   * Events about rounds `from` … `to` and epochs `firstEpoch` … `lastEpoch`, in chain order: everything about who takes part,
   * pools from time `poolsFrom` on, what comes with rounds and epochs of those alone, and the last settlement before `before`.
   */
  window(span: {
    readonly from: Round;
    readonly to: Round;
    readonly firstEpoch: Epoch;
    readonly lastEpoch: Epoch;
    readonly poolsFrom: BlockTime;
    readonly before: BlockTime;
  }): ChainEvent[] {
    // One index each, by name: left to itself SQLite looks at every event of a type.
    const columns = "SELECT blockNumber, logIndex, event FROM events INDEXED BY";
    const sql = `
      SELECT * FROM (
        ${columns} eventsByType WHERE type IN (${quoted(keys)})
        UNION ALL ${columns} eventsByRound WHERE round BETWEEN ?1 AND ?2 AND type IN (${quoted(ofRounds)})
        UNION ALL ${columns} eventsByType WHERE epoch BETWEEN ?3 AND ?4 AND type IN (${quoted(ofEpochs)})
        UNION ALL ${columns} eventsByTypeAndTime WHERE time >= ?5 AND type IN (${quoted(pools)})
        UNION ALL ${columns} eventsByType WHERE type = 'EpochSettled' AND epoch < ?3 AND epoch = (
          SELECT max(epoch) FROM events INDEXED BY eventsByTypeAndTime WHERE type = 'EpochSettled' AND time < ?6)
      ) ORDER BY blockNumber, logIndex`;
    const { from, to, firstEpoch, lastEpoch, poolsFrom, before } = span;
    return this.#events(sql, from, to, firstEpoch, lastEpoch, poolsFrom, before);
  }

  /** Who takes part, what they hold and what was settled, in chain order. */
  standing(): ChainEvent[] {
    const types = quoted(standing);
    return this.#events(`SELECT event FROM events WHERE type IN (${types}) ORDER BY blockNumber, logIndex`);
  }

  /** All events of a type, or those of epochs `from` … `to`, in chain order. */
  ofType<Type extends ChainEvent["type"]>(
    type: Type,
    from?: Epoch,
    to: Epoch = Number.MAX_SAFE_INTEGER,
  ): Extract<ChainEvent, { type: Type }>[] {
    const order = "ORDER BY blockNumber, logIndex";
    const events =
      from === undefined
        ? this.#events(`SELECT event FROM events WHERE type = ? ${order}`, type)
        : this.#events(
            `SELECT event FROM events WHERE type = ? AND epoch BETWEEN ? AND ? ${order}`,
            type,
            from,
            to,
          );
    return events as Extract<ChainEvent, { type: Type }>[];
  }

  #events(sql: string, ...values: (string | number | bigint)[]): ChainEvent[] {
    return this.#database.all(sql, ...values).map((row) => parseEvent(text(row, "event")));
  }

  /** Takes back what stands above a block. Rounds of which something is gone. */
  #rewind(blockNumber: bigint): Round[] {
    const sql = "SELECT DISTINCT round FROM events WHERE blockNumber > ? AND round IS NOT NULL";
    const rounds = this.#database.all(sql, blockNumber).map((row) => integer(row, "round"));
    this.#database.run("DELETE FROM events WHERE blockNumber > ?", blockNumber);
    return rounds;
  }

  /** Counts a round anew. */
  #count(round: Round): void {
    this.#database.run("DELETE FROM rounds WHERE round = ?", round);
    const sql = `
      INSERT INTO rounds SELECT round, sum(type = 'UpdateCommitted'), sum(type = 'UpdateRevealed'),
        sum(type = 'Attested'), coalesce(sum(CASE WHEN type = 'UpdateRevealed' THEN size END), 0)
      FROM events WHERE round = ? GROUP BY round`;
    this.#database.run(sql, round);
  }

  /** Rounds `from` … `to` in which anything was committed or attested, ascending. */
  roundCounts(from: Round, to: Round): RoundCounts[] {
    const sql = "SELECT * FROM rounds WHERE round BETWEEN ? AND ? ORDER BY round";
    return this.#database.all(sql, from, to).map((row) => ({
      round: integer(row, "round"),
      commits: integer(row, "commits"),
      reveals: integer(row, "reveals"),
      attestations: integer(row, "attestations"),
      bytes: integer(row, "bytes"),
    }));
  }

  /** What a neuron's owner said of it last; undefined where it said nothing. */
  identity(neuronId: NeuronId): { readonly name: string; readonly url: string } | undefined {
    const sql = `SELECT event FROM events WHERE neuronId = ? AND type = 'IdentitySet'
      ORDER BY blockNumber DESC, logIndex DESC LIMIT 1`;
    const [event] = this.#events(sql, neuronId);
    return event?.type === "IdentitySet" ? event : undefined;
  }

  /** Numbers of the last block before `time` and of the first from then on that have events. */
  blocksAround(time: BlockTime): bigint[] {
    const before = "SELECT blockNumber FROM events WHERE time < ? ORDER BY time DESC LIMIT 1";
    const after = "SELECT blockNumber FROM events WHERE time >= ? ORDER BY time LIMIT 1";
    return [before, after].flatMap((sql) =>
      this.#database.all(sql, time).map((row) => bigint(row, "blockNumber")),
    );
  }

  /** Last round in which a neuron revealed an update. */
  lastReveal(neuronId: NeuronId): Round | undefined {
    const sql = "SELECT max(round) AS round FROM events WHERE neuronId = ? AND type = 'UpdateRevealed'";
    const row = this.#database.get(sql, neuronId);
    return row === undefined ? undefined : optionalInteger(row, "round");
  }

  /** Number of events; what a rewind took back does not count. */
  eventCount(): number {
    const row = this.#database.get("SELECT count(*) AS events FROM events");
    return row === undefined ? 0 : integer(row, "events");
  }
}

function quoted(types: readonly string[]): string {
  return types.map((type) => `'${type}'`).join(", ");
}
