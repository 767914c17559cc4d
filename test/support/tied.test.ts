import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { temporaryFolder } from "./temporaryFolder.ts";
import { startTied } from "./tied.ts";

const source = JSON.stringify(new URL("tied.ts", import.meta.url).href);

test("startTied, a command that ends: its output and its exit code", async () => {
  const tied = startTied(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  const [out, err, code] = await Promise.all([text(tied.stdout), text(tied.stderr), tied.ended]);
  assert.deepEqual([out, err, code], ["out\n", "err\n", 3]);
});

test("startTied, a command that is not there: exit code 127", async () => {
  assert.equal(await startTied(["/nowhere/command"]).ended, 127);
});

test("startTied, stop: the command gets the signal once and says how it ends", async (t) => {
  const script = join(temporaryFolder(t), "polite.mjs");
  writeFileSync(
    script,
    'let got = 0; process.on("SIGINT", () => { got++; setTimeout(() => process.exit(10 + got), 200); }); console.log("up"); setInterval(() => {}, 1000);',
  );
  const tied = startTied([process.execPath, script]);
  await once(tied.stdout, "data");
  assert.equal(await tied.stop("SIGINT"), 11);
});

test("startTied, whose process is killed with -9: the command and what it started in its shell are gone", async (t) => {
  const dir = temporaryFolder(t);
  const pids = join(dir, "pids");
  const parentPath = join(dir, "parent.mjs");
  const shell = `sleep 600 & echo $! >> ${pids}; echo $$ >> ${pids}; echo up; sleep 600`;
  writeFileSync(
    parentPath,
    `import { startTied } from ${source};
     startTied(["sh", "-c", ${JSON.stringify(shell)}]).stdout.pipe(process.stdout);`,
  );
  const parent = spawn(process.execPath, [parentPath], { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  assert.ok(existsSync(pids));
  const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
  assert.deepEqual(started.map(isAlive), [true, true]);
  parent.kill("SIGKILL");
  for (let waited = 0; started.some(isAlive) && waited < 10_000; waited += 50) await pause(50);
  assert.deepEqual(started.map(isAlive), [false, false]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
