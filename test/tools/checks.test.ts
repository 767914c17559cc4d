import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkExactness, inexactUses } from "../../tools/checks/exactness.ts";
import { checkImports } from "../../tools/checks/imports.ts";
import { checkInvariants } from "../../tools/checks/invariants.ts";
import { ambientUses, checkPurity } from "../../tools/checks/purity.ts";
import { checkSizes } from "../../tools/checks/sizes.ts";

describe("repository checks", () => {
  it("import directions, find nothing", async () => assert.deepEqual(await checkImports(), []));
  it("file sizes, find nothing", async () => assert.deepEqual(await checkSizes(), []));
  it("ambient clock, randomness and network, find nothing", async () =>
    assert.deepEqual(await checkPurity(), []));
  it("numbered invariants, all are tested", async () => assert.deepEqual(await checkInvariants(), []));
  it("exact arithmetic, find nothing", async () => assert.deepEqual(await checkExactness(), []));
});

describe("inexactUses", () => {
  for (const [line, uses] of [
    ["Math.pow(x, 2)", ["1: Math.pow"]],
    ["Math.log(x) + Math.exp(y)", ["1: Math.log", "1: Math.exp"]],
    ["beta ** step", ["1: **"]],
    ["0.5 ** rank", ["1: **"]],
    ["2 ** rank", ["1: **"]],
    ["12 ** 24", ["1: **"]],
    ["x **= 2", ["1: **"]],
    ["Math.fround(Math.sqrt(x)) * 2 ** 24 - 2n ** 64n", []],
    ["const { fround } = Math; // Math.pow", []],
    [" * Math.log(x) ** 2 in prose", []],
  ] as const) {
    it(`${line}, ${uses.length} found`, () => assert.deepEqual(inexactUses(line), uses));
  }

  it("destructured from Math, found", () =>
    assert.deepEqual(inexactUses("const { fround, log } = Math;"), ["1: log"]));
});

describe("ambientUses", () => {
  for (const [line, uses] of [
    ["const now = Date.now();", ["1: Date.now"]],
    ["const now = new Date();", ["1: new Date()"]],
    ["const at = performance.now();", ["1: performance.now"]],
    ["if (Math.random() < 0.5) return;", ["1: Math.random"]],
    ["const page = await fetch(url);", ["1: fetch("]],
    ["clock.now(); store.fetch(cid); prefetch(cid); new Date(seconds)", []],
    ["// Date.now()\n * Math.random()", []],
  ] as const) {
    it(`${line.replace("\n", " ")}, ${uses.length} found`, () => assert.deepEqual(ambientUses(line), uses));
  }
});
