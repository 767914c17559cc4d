import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { requireWritableFile, writeFileAtomic } from "../../../workers/runtime/files.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

describe("writeFileAtomic", () => {
  it("writeFileAtomic, over an existing file in pieces, leaves the new content and nothing else", async (test) => {
    const folder = await temporaryFolder(test);
    const path = join(folder, "file");
    await writeFile(path, "a much longer old content");
    await writeFileAtomic(path, [new Uint8Array([97, 98]), new Uint8Array([99])]);
    assert.equal(await readFile(path, "utf8"), "abc");
    assert.deepEqual(await readdir(folder), ["file"]);
  });

  it("writeFileAtomic, in a folder that does not exist, makes it and gives the file its mode", async (test) => {
    const path = join(await temporaryFolder(test), "a/b/file");
    await writeFileAtomic(path, "text", { mode: 0o600 });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it("writeFileAtomic, pieces that throw half way, keeps the old content and no temporary file", async (test) => {
    const folder = await temporaryFolder(test);
    const path = join(folder, "file");
    await writeFile(path, "old");
    function* pieces() {
      yield new Uint8Array(100_000);
      throw new Error("broken");
    }
    await assert.rejects(writeFileAtomic(path, pieces()));
    assert.equal(await readFile(path, "utf8"), "old");
    assert.deepEqual(await readdir(folder), ["file"]);
  });

  it("requireWritableFile, a new file in a new folder, a file that is there, a folder: nothing, nothing, FILE_NOT_WRITABLE", async (test) => {
    const folder = await temporaryFolder(test);
    const path = join(folder, "new", "file");
    await requireWritableFile(path);
    assert.deepEqual(await readdir(join(folder, "new")), []);
    await writeFileAtomic(path, "kept");
    await requireWritableFile(path);
    assert.equal(await readFile(path, "utf8"), "kept");
    await assert.rejects(requireWritableFile(folder), { code: "FILE_NOT_WRITABLE" });
    await assert.rejects(requireWritableFile(join(path, "below")), { code: "FILE_NOT_WRITABLE" });
  });

  it("writeFileAtomic, onto a folder, is FILE_NOT_WRITABLE", async (test) => {
    const folder = await temporaryFolder(test);
    await mkdir(join(folder, "taken", "full"), { recursive: true });
    await assert.rejects(
      writeFileAtomic(join(folder, "taken"), "x"),
      (error) => error instanceof FatalError && error.code === "FILE_NOT_WRITABLE",
    );
  });
});
