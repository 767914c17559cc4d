import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type Child, Children, childFailure, foreign } from "../../../scripts/localnet/children.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const graceMs = 300;
const source = (path: string) => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);

function bench(t: TestContext) {
  const dir = temporaryFolder(t);
  const children = new Children(graceMs);
  t.after(() => children.stopAll());
  const logPath = join(dir, "logs", "child.log");
  return {
    children,
    logPath,
    /** Starts a script given as text; resolves once it has written "ready", if it does. */
    async start(
      name: string,
      text: string,
      args: readonly string[] = [],
      options: readonly string[] = [],
    ): Promise<Child> {
      const path = join(dir, `${name}.mjs`);
      writeFileSync(path, text);
      const child = children.start(name, path, args, logPath, options);
      while (text.includes('"ready"') && !readFileSync(logPath, "utf8").includes("ready")) await pause(20);
      return child;
    },
  };
}

const stays = 'console.log("ready"); setInterval(() => {}, 1000);';

test("Children, a child that ends by itself: its exit code, what it wrote, and what failed", async (t) => {
  const { children, start, logPath } = bench(t);
  const child = await start(
    "worker",
    'console.error("Error: no luck [LUCK]\\n  Try again."); process.exitCode = 3;',
  );
  assert.equal(await children.firstExit([child]), child);
  assert.equal(await child.exited, 3);
  assert.equal(child.running(), false);
  const { code, data, message, hint } = childFailure(child, 3);
  assert.deepEqual([code, data], ["PROCESS_ENDED", { name: "worker", exitCode: 3 }]);
  assert.ok(message.includes("no luck"), message);
  assert.ok(hint?.includes(logPath));
});

test("Children, stop: SIGTERM to who runs, no wait for who is gone", async (t) => {
  const { children, start } = bench(t);
  const polite = await start("polite", `process.on("SIGTERM", () => process.exit(7)); ${stays}`);
  const plain = await start("plain", stays);
  assert.ok(polite.running() && plain.running());
  await children.stopAll();
  assert.deepEqual([await polite.exited, await plain.exited], [7, 128 + 15]);
  await children.stopAll();
});

test("Children, one that does not listen to SIGTERM: killed after the grace", async (t) => {
  const { children, start } = bench(t);
  const deaf = await start("deaf", `process.on("SIGTERM", () => {}); ${stays}`);
  const before = performance.now();
  await children.stop([deaf]);
  assert.ok(performance.now() - before >= graceMs - 10);
  assert.equal(await deaf.exited, 128 + 9);
});

const watching = `import { watchParent } from ${source("workers/runtime/parent.ts")}; watchParent(() => process.exit(0)); ${stays}`;

for (const [what, text, options] of [
  ["that watch their parent", watching, []],
  ["that know nothing of it", stays, foreign],
] as const) {
  test(`Children ${what}, when the parent is killed with -9: they end by themselves`, async (t) => {
    const dir = temporaryFolder(t);
    const [childPath, parentPath, log] = [join(dir, "child.mjs"), join(dir, "parent.mjs"), join(dir, "log")];
    writeFileSync(childPath, text);
    const started = [childPath, [], log, options].map((each) => JSON.stringify(each)).join(", ");
    writeFileSync(
      parentPath,
      `import { Children } from ${source("scripts/localnet/children.ts")};
       const child = new Children().start("child", ${started});
       console.log(child.pid); setInterval(() => {}, 1000);`,
    );
    const parent = spawn(process.execPath, [parentPath], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(parent.stdout, "data");
    const pid = Number(line);
    assert.ok(isAlive(pid));
    while (!readFileSync(log, "utf8").includes("ready")) await pause(20);
    parent.kill("SIGKILL");
    for (let waited = 0; isAlive(pid) && waited < 5_000; waited += 50) await pause(50);
    assert.equal(isAlive(pid), false);
  });
}

test("Children, a program that is not ours and has done its work: it ends", async (t) => {
  const { children, start } = bench(t);
  const child = await start("foreign", "process.exitCode = 4;", [], foreign);
  assert.equal(await child.exited, 4);
  await children.stopAll();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
