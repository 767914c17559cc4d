import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { releaseFolder, takeFolder } from "../../../scripts/localnet/folder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** A process id that nobody has any more. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

test("takeFolder, a new folder, and one left by a network that ended: taken, its own things cleared", (t) => {
  const dir = join(temporaryFolder(t), "new");
  takeFolder(dir, process.pid);
  for (const name of ["keys", "content", "workers", "logs", "model"]) {
    mkdirSync(join(dir, name));
    writeFileSync(join(dir, name, "file"), "");
  }
  writeFileSync(join(dir, "notes.txt"), "mine");
  releaseFolder(dir, process.pid);
  takeFolder(dir, process.pid);
  assert.deepEqual(readdirSync(dir).sort(), ["localnet.json", "notes.txt"]);
});

test("takeFolder, files of somebody else: FOLDER_NOT_OURS, nothing touched, and not by giving it back either", (t) => {
  const dir = temporaryFolder(t);
  mkdirSync(join(dir, "model"));
  writeFileSync(join(dir, "model", "precious"), "years of work");
  assert.throws(() => takeFolder(dir, process.pid), { code: "FOLDER_NOT_OURS" });
  releaseFolder(dir, process.pid);
  assert.throws(() => takeFolder(dir, process.pid), { code: "FOLDER_NOT_OURS" });
  assert.deepEqual(readdirSync(dir), ["model"]);
  assert.equal(readFileSync(join(dir, "model", "precious"), "utf8"), "years of work");
});

test("takeFolder, a network that runs: FOLDER_IN_USE, and it stays the other's", (t) => {
  const dir = temporaryFolder(t);
  const other = process.ppid;
  takeFolder(dir, other);
  mkdirSync(join(dir, "keys"));
  for (let attempt = 0; attempt < 2; attempt++) {
    assert.throws(() => takeFolder(dir, process.pid), { code: "FOLDER_IN_USE", data: { dir, owner: other } });
    releaseFolder(dir, process.pid);
  }
  assert.deepEqual(readdirSync(dir).sort(), ["keys", "localnet.json"]);
});

test("takeFolder, a network that was killed, or a damaged marker: taken", (t) => {
  const dir = temporaryFolder(t);
  takeFolder(dir, deadPid());
  takeFolder(dir, process.pid);
  writeFileSync(join(dir, "localnet.json"), "{");
  takeFolder(dir, process.pid);
  assert.deepEqual(JSON.parse(readFileSync(join(dir, "localnet.json"), "utf8")), { pid: process.pid });
});
