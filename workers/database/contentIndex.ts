import { integer, text } from "./columns.ts";
import { Database, type Schema } from "./database.ts";

/** Content in a store's folder, or pinned in its daemon. */
export interface IndexedContent {
  readonly cid: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Round in which it was stored or last read. */
  readonly round: number;
  /** Whether a worker of this folder stored it itself, rather than having fetched it. */
  readonly own: boolean;
}

export type ContentName = Pick<IndexedContent, "cid" | "size">;

const schema: Schema = {
  name: "content index",
  applicationId: 0x5765_4349,
  version: 1,
  tables: `
    CREATE TABLE contents (
      cid TEXT PRIMARY KEY, size INTEGER NOT NULL, round INTEGER NOT NULL, own INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE owners (owner TEXT PRIMARY KEY, round INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE needs (
      owner TEXT NOT NULL, cid TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (owner, cid)
    ) STRICT, WITHOUT ROWID;
  `,
  whenCorrupt: "Move it away: content stored before is then kept for good.",
};

/**
 * What the workers that share a store's folder have put into it and fetched, and what each of them needs. Content that
 * stands in no row was put there by somebody else, and nobody removes it.
 */
export class ContentIndex {
  readonly #database: Database;

  /** @throws FatalError as `Database` */
  constructor(path: string) {
    this.#database = new Database(path, schema);
  }

  close(): void {
    this.#database.close();
  }

  /** All of `work`, while no other process changes the index. */
  transaction<Result>(work: () => Result): Result {
    return this.#database.transaction(work);
  }

  has(cid: string): boolean {
    return this.#database.get("SELECT 1 AS found FROM contents WHERE cid = ?", cid) !== undefined;
  }

  /** Adds content, or notes that it was used in a later round, or is one's own now. */
  note({ cid, size, round, own }: IndexedContent): void {
    const known = this.#database.get("SELECT round, own FROM contents WHERE cid = ?", cid);
    if (known !== undefined && integer(known, "round") >= round && (integer(known, "own") === 1 || !own))
      return;
    this.#database.run(
      `INSERT INTO contents (cid, size, round, own) VALUES (?, ?, ?, ?)
       ON CONFLICT (cid) DO UPDATE SET round = max(round, excluded.round), own = max(own, excluded.own)`,
      cid,
      size,
      round,
      own ? 1 : 0,
    );
  }

  remove(cid: string): void {
    this.#database.run("DELETE FROM contents WHERE cid = ?", cid);
  }

  contents(): IndexedContent[] {
    return this.#database.all("SELECT cid, size, round, own FROM contents ORDER BY cid").map((row) => ({
      cid: text(row, "cid"),
      size: integer(row, "size"),
      round: integer(row, "round"),
      own: integer(row, "own") === 1,
    }));
  }

  /** The latest round in which anything was used; 0 in an empty index. */
  newestRound(): number {
    const row = this.#database.get("SELECT coalesce(max(round), 0) AS newest FROM contents");
    return row === undefined ? 0 : integer(row, "newest");
  }

  /** Replaces what `owner` needs. */
  need(owner: string, round: number, contents: readonly ContentName[]): void {
    this.transaction(() => {
      this.#database.run(
        `INSERT INTO owners (owner, round) VALUES (?, ?)
         ON CONFLICT (owner) DO UPDATE SET round = max(round, excluded.round)`,
        owner,
        round,
      );
      this.#database.run("DELETE FROM needs WHERE owner = ?", owner);
      for (const { cid, size } of contents)
        this.#database.run(
          "INSERT OR IGNORE INTO needs (owner, cid, size) VALUES (?, ?, ?)",
          owner,
          cid,
          size,
        );
    });
  }

  /** What those need who said so in `sinceRound` or later. */
  needed(sinceRound: number): Set<string> {
    const rows = this.#database.all(
      "SELECT DISTINCT cid FROM needs JOIN owners USING (owner) WHERE round >= ?",
      sinceRound,
    );
    return new Set(rows.map((row) => text(row, "cid")));
  }
}
