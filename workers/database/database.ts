import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { FatalError, type WeftError } from "../protocol/errors.ts";

/** What a database file holds. `version` is raised with every change of `tables`. */
export interface Schema {
  /** Name for messages, e.g. "journal". */
  readonly name: string;
  /** SQLite's application_id: tells our files from others'. */
  readonly applicationId: number;
  readonly version: number;
  /** CREATE TABLE … STRICT statements. */
  readonly tables: string;
  /** What a person should do about a corrupt file. */
  readonly whenCorrupt: string;
}

export interface OpenOptions {
  /** Holds the file against every other process until closed. Default: other processes may read and write. */
  readonly exclusive?: boolean;
}

export type Row = Readonly<Record<string, unknown>>;

// SQLite result codes, sqlite.org/rescode.html. Extended codes keep the primary one in the low byte.
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/**
 * SQLite file with a schema. A transaction that has returned is on disk (WAL, synchronous=FULL): it survives kill −9
 * and power loss.
 */
export class Database {
  readonly path: string;
  readonly #schema: Schema;
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens the file, creating it and its folder when missing.
   * @throws FatalError DATABASE_CORRUPT, DATABASE_FOREIGN (another program's file), DATABASE_VERSION,
   * DATABASE_LOCKED (another process holds it), DATABASE_UNAVAILABLE (permissions, no space)
   */
  constructor(path: string, schema: Schema, options: OpenOptions = {}) {
    this.path = path;
    this.#schema = schema;
    this.#sqlite = this.#guard(() => {
      mkdirSync(dirname(path), { recursive: true });
      return new DatabaseSync(path, { timeout: options.exclusive === true ? 0 : 5_000 });
    });
    try {
      this.#guard(() => this.#prepare(options.exclusive === true));
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  /** First row of a query, or undefined. Integers come as bigint. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#guard(() => this.#statement(sql).get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#guard(() => this.#statement(sql).all(...values));
  }

  /** Number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#guard(() => Number(this.#statement(sql).run(...values).changes));
  }

  /** All of `work` or nothing of it. */
  transaction<Result>(work: () => Result): Result {
    this.#guard(() => this.#sqlite.exec("BEGIN IMMEDIATE"));
    try {
      const result = work();
      this.#guard(() => this.#sqlite.exec("COMMIT"));
      return result;
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec("ROLLBACK");
      throw error;
    }
  }

  #prepare(exclusive: boolean): void {
    if (exclusive) this.#sqlite.exec("PRAGMA locking_mode = EXCLUSIVE");
    this.#sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    const problem = Object.values(this.#sqlite.prepare("PRAGMA quick_check(1)").get() ?? {})[0];
    if (problem !== "ok") throw this.#corrupt(problem);
    this.transaction(() => this.#createOrCheck());
  }

  #createOrCheck(): void {
    const { name, applicationId, version, tables } = this.#schema;
    const pragma = (key: string) => Number(this.#sqlite.prepare(`PRAGMA ${key}`).get()?.[key]);
    const isEmpty = this.#sqlite.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n === 0;
    if (isEmpty) {
      this.#sqlite.exec(
        `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; ${tables}`,
      );
      return;
    }
    if (pragma("application_id") !== applicationId) {
      throw new FatalError("DATABASE_FOREIGN", `${this.path} is a database, but not a Weft ${name}`, {
        data: { path: this.path },
        hint: "Choose another folder with --dir.",
      });
    }
    const found = pragma("user_version");
    if (found !== version) {
      throw new FatalError("DATABASE_VERSION", `${this.path} has schema version ${found}, not ${version}`, {
        data: { path: this.path, found, expected: version },
        hint: "It was written by another version of Weft: run that version, or choose another folder with --dir.",
      });
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sqlite.prepare(sql);
    statement.setReadBigInts(true);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (cause) {
      throw this.#typed(cause) ?? cause;
    }
  }

  #typed(cause: unknown): WeftError | undefined {
    if (!(cause instanceof Error)) return undefined;
    const data = { path: this.path };
    if ("errcode" in cause && typeof cause.errcode === "number") {
      const code = cause.errcode & 0xff;
      if (code === CORRUPT || code === NOT_A_DATABASE) return this.#corrupt(cause);
      if (code === BUSY || code === LOCKED) {
        return new FatalError("DATABASE_LOCKED", `another process uses ${this.path}`, {
          cause,
          data,
          hint: "Two workers must not share a key and a folder: stop the other one, or choose another --dir.",
        });
      }
      if (code === FULL || code === CANNOT_OPEN || cause.message.includes("readonly")) {
        return this.#unavailable(cause);
      }
      return undefined;
    }
    return "syscall" in cause ? this.#unavailable(cause) : undefined;
  }

  #unavailable(cause: Error): FatalError {
    return new FatalError("DATABASE_UNAVAILABLE", `cannot open or write ${this.path}`, {
      cause,
      data: { path: this.path },
      hint: "Check the permissions and the free space of its folder, or choose another with --dir.",
    });
  }

  #corrupt(cause: unknown): FatalError {
    return new FatalError("DATABASE_CORRUPT", `${this.path} is damaged`, {
      cause,
      data: { path: this.path },
      hint: this.#schema.whenCorrupt,
    });
  }
}
