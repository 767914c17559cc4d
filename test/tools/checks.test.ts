import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkExactness, inexactUses } from "../../tools/checks/exactness.ts";
import { checkImports, importProblems } from "../../tools/checks/imports.ts";
import { checkInvariants } from "../../tools/checks/invariants.ts";
import { checkMarkup, unsafeMarkup } from "../../tools/checks/markup.ts";
import { ambientUses, checkPurity } from "../../tools/checks/purity.ts";
import { checkSizes } from "../../tools/checks/sizes.ts";

describe("repository checks", () => {
  it("import directions, find nothing", async () => assert.deepEqual(await checkImports(), []));
  it("file sizes, find nothing", async () => assert.deepEqual(await checkSizes(), []));
  it("ambient clock, randomness and network, find nothing", async () =>
    assert.deepEqual(await checkPurity(), []));
  it("markup from strings and inline styles, find nothing", async () =>
    assert.deepEqual(await checkMarkup(), []));
  it("numbered invariants, all are tested", async () => assert.deepEqual(await checkInvariants(), []));
  it("exact arithmetic, find nothing", async () => assert.deepEqual(await checkExactness(), []));
});

describe("importProblems", () => {
  const page = "dashboard/src/pages/Page.svelte";
  for (const [path, line, problems] of [
    [page, 'import type { Status } from "../../../workers/projector/api.ts";', 0],
    [page, 'import { routes } from "../../../workers/projector/routes.ts";', 1],
    [page, 'import { tokenAbi } from "../../../workers/chain/generated/abi.ts";', 0],
    [page, 'import { Sender } from "../../../workers/chain/sender.ts";', 1],
    [page, 'const { default: all } = await import("../../../workers/runtime/log.ts");', 1],
    ["workers/node/follow.ts", 'import { mount } from "svelte";', 1],
    ["workers/chain/run.ts", 'import { tokenAbi } from "./generated/abi.ts";', 0],
    ["workers/codec/pack.ts", 'import { readFile } from "node:fs/promises";', 1],
  ] as const) {
    it(`${path}: ${line}, ${problems} found`, () =>
      assert.equal(importProblems(path, line).length, problems));
  }
});

describe("unsafeMarkup", () => {
  for (const [line, uses] of [
    ["<p>{@html text}</p>", ["1: {@html"]],
    ["element.innerHTML = text;", ["1: innerHTML"]],
    ['<div class="a" style="color: red">', ['1: style="']],
    ['<div style:width="{width}px">{text}</div>', []],
  ] as const) {
    it(`${line}, ${uses.length} found`, () => assert.deepEqual(unsafeMarkup(line), uses));
  }
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
