import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { adversaryNames } from "../../../lab/adversaries/registry.ts";
import { createParticipants } from "../../../scripts/localnet/participants.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** Words by which code could tell a participant's behaviour. */
const words = [
  ...adversaryNames(),
  "adversar",
  "behaviou?r",
  "honest",
  "malicious",
  "cheat",
  "attacker",
  "sybil",
];
const telling = new RegExp(words.join("|"), "i");

/** TypeScript without its comments, line numbers kept. */
function codeOf(source: string): string[] {
  const bare = source.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""));
  return bare.split("\n").map((line) => line.replace(/(^|\s)\/\/.*$/, ""));
}

test("workers, all code: no name, string, option or variable of the environment tells a behaviour", async () => {
  const found: string[] = [];
  let files = 0;
  for await (const path of glob("workers/**/*.ts")) {
    files += 1;
    for (const [index, line] of codeOf(await readFile(path, "utf8")).entries())
      if (telling.test(line)) found.push(`${path}:${index + 1}: ${line.trim()}`);
  }
  assert.ok(files > 100, `${files} files`);
  assert.deepEqual(found, []);
});

test("createParticipants, other behaviours under the same seed: the same names, keys and files", async (t) => {
  const plan = { validators: 2, seed: "s" };
  const made = [];
  for (const [miners, adversaries] of [
    [4, ["copycat", "noise"]],
    [2, ["noise", "noise", "copycat", "copycat"]],
    [6, []],
  ] as const) {
    const dir = temporaryFolder(t);
    const participants = await createParticipants({ ...plan, dir, miners, adversaries });
    const visible = participants.map(({ name, role, stake, hotkey, coldkey }) => [
      name,
      role,
      stake,
      hotkey.address,
      coldkey.address,
    ]);
    const files = readdirSync(join(dir, "keys"))
      .sort()
      .map((file) => [file, readFileSync(join(dir, "keys", file), "utf8")]);
    assert.equal(
      files.flat().some((text) => telling.test(text)),
      false,
    );
    made.push({ visible, files });
  }
  assert.deepEqual(made[1], made[0]);
  assert.deepEqual(made[2], made[0]);
});
