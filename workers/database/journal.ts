import type { Hex } from "viem";
import type { Checkpoint } from "../protocol/checkpoint.ts";
import { FatalError } from "../protocol/errors.ts";
import type { Epoch, Round } from "../protocol/quantities.ts";
import { text } from "./columns.ts";
import { Database, type Schema } from "./database.ts";
import {
  checkpointEntry,
  type JournalStatus,
  type UpdateEntry,
  type UpdatePlan,
  updateEntry,
  type WeightsEntry,
  type WeightsPlan,
  weightsEntry,
} from "./journalEntries.ts";

const schema: Schema = {
  name: "journal",
  applicationId: 0x5765_4a6e,
  version: 2,
  tables: `
    CREATE TABLE identity (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE updates (
      round INTEGER PRIMARY KEY, neuronId INTEGER NOT NULL, salt TEXT NOT NULL, commitment TEXT NOT NULL,
      cid TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, dataRoot TEXT NOT NULL,
      plainCid TEXT NOT NULL, plainDigest TEXT NOT NULL, plainSize INTEGER NOT NULL,
      status TEXT NOT NULL, commitTransaction TEXT, revealTransaction TEXT
    ) STRICT;
    CREATE TABLE weights (
      epoch INTEGER PRIMARY KEY, neuronId INTEGER NOT NULL, salt TEXT NOT NULL, commitment TEXT NOT NULL,
      row TEXT NOT NULL, logCid TEXT NOT NULL, logDigest TEXT NOT NULL, logSize INTEGER NOT NULL,
      status TEXT NOT NULL, commitTransaction TEXT, revealTransaction TEXT
    ) STRICT;
    CREATE TABLE checkpoints (
      round INTEGER PRIMARY KEY, stateRoot TEXT NOT NULL, contentDigest TEXT NOT NULL, contentSize INTEGER NOT NULL
    ) STRICT;
  `,
  whenCorrupt:
    "It holds the salts of open commitments. Restore it from a backup; or move it away and start again: a commitment " +
    "that is still open can then not be revealed.",
};

/**
 * What a key has signed or is about to sign (DESIGN §5). A plan is on disk before its transaction is sent, so that
 * after a crash the same content is sent again and never another. One process holds it at a time.
 */
export class Journal {
  readonly #database: Database;

  /**
   * @param identity names the run and the key, e.g. chain id, registry, genesis, hotkey. Fixed when the file is made.
   * @throws FatalError JOURNAL_OTHER_RUN when the file belongs to another; and what `Database` throws
   */
  constructor(path: string, identity: Readonly<Record<string, string>>) {
    this.#database = new Database(path, schema, { exclusive: true });
    try {
      this.#database.transaction(() => this.#bind(identity));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Records what is to be committed. Planning the same again is allowed and gives the entry as it stands.
   * @throws FatalError JOURNAL_CONFLICT when the round has another content, salt or commitment
   */
  planUpdate(plan: UpdatePlan): UpdateEntry {
    return this.#database.transaction(() => {
      const known = this.update(plan.round);
      if (known !== undefined) return refuseOther("round", plan.round, plan, known);
      const { content, plaintext } = plan;
      this.#database.run(
        `INSERT INTO updates (round, neuronId, salt, commitment, cid, digest, size, dataRoot, plainCid, plainDigest,
         plainSize, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'planned')`,
        ...[plan.round, plan.neuronId, plan.salt, plan.commitment, content.cid, content.digest, content.size],
        ...[plan.dataRoot, plaintext.cid, plaintext.digest, plaintext.size],
      );
      return { ...plan, status: "planned", commitTransaction: undefined, revealTransaction: undefined };
    });
  }

  /** The weights' counterpart of `planUpdate`. @throws FatalError JOURNAL_CONFLICT */
  planWeights(plan: WeightsPlan): WeightsEntry {
    return this.#database.transaction(() => {
      const known = this.weights(plan.epoch);
      if (known !== undefined) return refuseOther("epoch", plan.epoch, plan, known);
      const { log } = plan;
      this.#database.run(
        `INSERT INTO weights (epoch, neuronId, salt, commitment, row, logCid, logDigest, logSize, status)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'planned')`,
        ...[plan.epoch, plan.neuronId, plan.salt, plan.commitment, plan.row, log.cid, log.digest, log.size],
      );
      return { ...plan, status: "planned", commitTransaction: undefined, revealTransaction: undefined };
    });
  }

  /**
   * Records the checkpoint that is about to be signed. Planning the same again is allowed.
   * @throws FatalError JOURNAL_CONFLICT when the round has another state: two signatures would be slashed
   */
  planCheckpoint(plan: Checkpoint): void {
    this.#database.transaction(() => {
      const known = this.checkpoint(plan.round);
      if (known !== undefined) {
        refuseOther("round", plan.round, plan, known);
        return;
      }
      this.#database.run(
        "INSERT INTO checkpoints (round, stateRoot, contentDigest, contentSize) VALUES (?, ?, ?, ?)",
        ...[plan.round, plan.stateRoot, plan.contentDigest, plan.contentSize],
      );
    });
  }

  /** What this key signed, or was about to sign, of a round's state. */
  checkpoint(round: Round): Checkpoint | undefined {
    const row = this.#database.get("SELECT * FROM checkpoints WHERE round = ?", round);
    return row === undefined ? undefined : checkpointEntry(row);
  }

  update(round: Round): UpdateEntry | undefined {
    const row = this.#database.get("SELECT * FROM updates WHERE round = ?", round);
    return row === undefined ? undefined : updateEntry(row);
  }

  weights(epoch: Epoch): WeightsEntry | undefined {
    const row = this.#database.get("SELECT * FROM weights WHERE epoch = ?", epoch);
    return row === undefined ? undefined : weightsEntry(row);
  }

  /** Updates not yet revealed, from `round` on, oldest first: what a restarted worker looks at. */
  openUpdates(round: Round): UpdateEntry[] {
    const sql = "SELECT * FROM updates WHERE round >= ? AND status <> 'revealed' ORDER BY round";
    return this.#database.all(sql, round).map(updateEntry);
  }

  /** Weights not yet revealed, from `epoch` on, oldest first. */
  openWeights(epoch: Epoch): WeightsEntry[] {
    const sql = "SELECT * FROM weights WHERE epoch >= ? AND status <> 'revealed' ORDER BY epoch";
    return this.#database.all(sql, epoch).map(weightsEntry);
  }

  /** The last update that was revealed, for the worker state that the next one continues. */
  lastRevealedUpdate(): UpdateEntry | undefined {
    const row = this.#database.get(
      "SELECT * FROM updates WHERE status = 'revealed' ORDER BY round DESC LIMIT 1",
    );
    return row === undefined ? undefined : updateEntry(row);
  }

  /** The last update revealed before that of `round`. */
  revealedUpdateBefore(round: Round): UpdateEntry | undefined {
    const row = this.#database.get(
      "SELECT * FROM updates WHERE status = 'revealed' AND round < ? ORDER BY round DESC LIMIT 1",
      round,
    );
    return row === undefined ? undefined : updateEntry(row);
  }

  /**
   * Records what is confirmed on chain; the transaction is undefined where only its event was seen.
   * @throws FatalError JOURNAL_ORDER for an unplanned round or a step backwards
   */
  markUpdate(round: Round, status: "committed" | "revealed", transaction: Hex | undefined): void {
    this.#mark("updates", "round", round, status, transaction);
  }

  /** The weights' counterpart of `markUpdate`. @throws FatalError JOURNAL_ORDER */
  markWeights(epoch: Epoch, status: "committed" | "revealed", transaction: Hex | undefined): void {
    this.#mark("weights", "epoch", epoch, status, transaction);
  }

  #mark(
    table: "updates" | "weights",
    key: "round" | "epoch",
    value: number,
    status: JournalStatus,
    hash: Hex | undefined,
  ) {
    const column = status === "committed" ? "commitTransaction" : "revealTransaction";
    const allowed =
      status === "committed" ? "('planned', 'committed')" : "('planned', 'committed', 'revealed')";
    const changed = this.#database.run(
      `UPDATE ${table} SET status = ?, ${column} = ? WHERE ${key} = ? AND status IN ${allowed}`,
      ...[status, hash ?? null, value],
    );
    if (changed === 1) return;
    throw new FatalError("JOURNAL_ORDER", `${key} ${value} cannot become ${status}`, {
      data: { [key]: value, status },
    });
  }

  #bind(identity: Readonly<Record<string, string>>): void {
    const rows = this.#database.all("SELECT name, value FROM identity");
    if (rows.length === 0) {
      for (const [name, value] of Object.entries(identity)) {
        this.#database.run("INSERT INTO identity (name, value) VALUES (?, ?)", name, value);
      }
      return;
    }
    const found = Object.fromEntries(rows.map((row) => [text(row, "name"), text(row, "value")]));
    const names = new Set([...Object.keys(found), ...Object.keys(identity)]);
    const different = [...names].filter((name) => found[name] !== identity[name]);
    if (different.length === 0) return;
    throw new FatalError(
      "JOURNAL_OTHER_RUN",
      `${this.#database.path} belongs to another ${different.join(", ")}`,
      {
        data: { found, identity },
        hint: "Choose another folder with --dir for this key and run.",
      },
    );
  }
}

function refuseOther<Entry extends object>(unit: string, index: number, plan: object, known: Entry): Entry {
  const signed = new Map<string, unknown>(Object.entries(known));
  const different = Object.entries(plan).filter(([name, value]) => !isEqual(value, signed.get(name)));
  if (different.length === 0) return known;
  const names = different.map(([name]) => name);
  throw new FatalError("JOURNAL_CONFLICT", `${unit} ${index} already has another ${names.join(", ")}`, {
    data: { [unit]: index, fields: names },
    hint: "A key never signs two contents for the same time. What the journal holds stands.",
  });
}

function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === b;
  const other: Record<string, unknown> = { ...b };
  return Object.entries(a).every(([name, value]) => value === other[name]);
}
