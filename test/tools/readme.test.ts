import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { verbs } from "../../scripts/tasks/definitions.ts";

const readme = readFileSync("README.md", "utf8");
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));
/** npm's and Hardhat's own. */
const builtIn = ["ci", "start", "test"];
const hardhatTasks = ["node"];

describe("README", () => {
  it("every npm script it names exists", () => {
    const named = [...readme.matchAll(/npm (?:run )?([a-z:-]+)/g)].map((match) => match[1]);
    assert.ok(named.length > 3);
    for (const name of named) assert.ok(builtIn.includes(name) || name in scripts, name);
  });

  it("every Hardhat task it names exists", () => {
    const known = [...hardhatTasks, ...verbs.map(({ id }) => id.join(" "))];
    const named = [...readme.matchAll(/npx hardhat ([a-z]+)/g)].map((match) => match[1]);
    assert.ok(named.length > 3);
    for (const name of named) assert.ok(known.includes(name), name);
  });

  it("every file and folder it names exists", () => {
    const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map((match) => match[1]);
    const folders = [...readme.matchAll(/^ {4}([a-z]+\/) {2,}/gm)].map((match) => match[1]);
    assert.ok(links.length > 5 && folders.length > 5);
    for (const path of [...links, ...folders]) assert.ok(existsSync(path), path);
  });

  it("is about 100 lines", () => {
    assert.ok(readme.split("\n").length <= 120);
  });
});
