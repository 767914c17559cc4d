import assert from "node:assert/strict";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { it } from "node:test";
import { FolderSizes } from "../../../workers/storage/folderSizes.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

it("FolderSizes.measure, files that come and go: their bytes, also where a folder's time did not show a change at first", async (test) => {
  const directory = path.join(temporaryFolder(test), "blocks");
  const sizes = new FolderSizes(directory);
  assert.equal(await sizes.measure(), 0);
  const write = (folder: string, file: string, bytes: number) => {
    mkdirSync(path.join(directory, folder), { recursive: true });
    writeFileSync(path.join(directory, folder, file), Buffer.alloc(bytes));
  };
  write("ab", "one", 10);
  write("cd", "two", 5);
  writeFileSync(path.join(directory, "beside"), "not in a folder");
  const then = new Date("2026-01-01T00:00:00Z");
  utimesSync(path.join(directory, "ab"), then, then);
  assert.equal(await sizes.measure(), 15);
  // In the same tick of the file system's clock as the listing.
  write("ab", "three", 7);
  utimesSync(path.join(directory, "ab"), then, then);
  assert.equal(await sizes.measure(), 22);
  assert.equal(await sizes.measure(), 22);
  write("ab", "four", 100);
  rmSync(path.join(directory, "cd", "two"));
  assert.equal(await sizes.measure(), 117);
  rmSync(path.join(directory, "ab"), { recursive: true });
  assert.equal(await sizes.measure(), 0);
});
