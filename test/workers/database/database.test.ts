import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { Database, type Schema } from "../../../workers/database/database.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const schema: Schema = {
  name: "test",
  applicationId: 77,
  version: 3,
  tables: "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT;",
  whenCorrupt: "throw it away",
};
const withCode = (code: string) => (error: unknown) => error instanceof FatalError && error.code === code;

describe("Database", () => {
  it("run and get, after closing and opening, give what was written", async (test) => {
    const path = join(await temporaryFolder(test), "new/folder/x.sqlite");
    const first = new Database(path, schema);
    assert.equal(first.run("INSERT INTO t VALUES (?, ?)", 1, "one"), 1);
    first.close();
    const second = new Database(path, schema);
    assert.deepEqual({ ...second.get("SELECT * FROM t") }, { a: 1n, b: "one" });
    second.close();
  });

  it("transaction, work that throws, changes nothing and can be followed by another", async (test) => {
    const database = new Database(join(await temporaryFolder(test), "x"), schema);
    const reason = new Error("stop");
    assert.throws(
      () =>
        database.transaction(() => {
          database.run("INSERT INTO t VALUES (1, 'a')");
          throw reason;
        }),
      (error) => error === reason,
    );
    database.transaction(() => database.run("INSERT INTO t VALUES (2, 'b')"));
    assert.deepEqual(
      database.all("SELECT a FROM t").map((row) => row.a),
      [2n],
    );
    database.close();
  });

  it("open, a file of noise, is DATABASE_CORRUPT with the schema's hint", async (test) => {
    const path = join(await temporaryFolder(test), "x");
    await writeFile(path, Buffer.alloc(9000, 0xa5));
    assert.throws(
      () => new Database(path, schema),
      (error) =>
        withCode("DATABASE_CORRUPT")(error) &&
        error instanceof FatalError &&
        error.hint === schema.whenCorrupt,
    );
  });

  it("open, pages overwritten in the middle, is DATABASE_CORRUPT", async (test) => {
    const path = join(await temporaryFolder(test), "x");
    const database = new Database(path, schema);
    for (let a = 0; a < 500; a++) database.run("INSERT INTO t VALUES (?, ?)", a, "x".repeat(100));
    database.close();
    const bytes = await readFile(path);
    bytes.fill(0x5a, 4096, 4096 * 6);
    await writeFile(path, bytes);
    assert.throws(() => new Database(path, schema), withCode("DATABASE_CORRUPT"));
  });

  it("open, another program's database, is DATABASE_FOREIGN", async (test) => {
    const path = join(await temporaryFolder(test), "x");
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE mine (a)");
    other.close();
    assert.throws(() => new Database(path, schema), withCode("DATABASE_FOREIGN"));
  });

  it("open, another schema version, is DATABASE_VERSION", async (test) => {
    const path = join(await temporaryFolder(test), "x");
    new Database(path, schema).close();
    assert.throws(() => new Database(path, { ...schema, version: 4 }), withCode("DATABASE_VERSION"));
  });

  it("open exclusively, held already, is DATABASE_LOCKED until it is closed", async (test) => {
    const path = join(await temporaryFolder(test), "x");
    const holder = new Database(path, schema, { exclusive: true });
    assert.throws(() => new Database(path, schema, { exclusive: true }), withCode("DATABASE_LOCKED"));
    holder.close();
    new Database(path, schema, { exclusive: true }).close();
  });

  it("open, a folder in its place, is DATABASE_UNAVAILABLE", async (test) => {
    const path = join(await temporaryFolder(test), "x");
    await mkdir(path);
    assert.throws(() => new Database(path, schema), withCode("DATABASE_UNAVAILABLE"));
  });

  it("open, a folder that may not be written, is DATABASE_UNAVAILABLE", async (test) => {
    if (process.getuid?.() === 0) return test.skip("root may write everywhere");
    const folder = await temporaryFolder(test);
    await chmod(folder, 0o500);
    assert.throws(() => new Database(join(folder, "a/x"), schema), withCode("DATABASE_UNAVAILABLE"));
  });
});
