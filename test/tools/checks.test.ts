import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkImports } from "../../tools/checks/imports.ts";
import { checkInvariants } from "../../tools/checks/invariants.ts";
import { checkPurity } from "../../tools/checks/purity.ts";
import { checkSizes } from "../../tools/checks/sizes.ts";

describe("repository checks", () => {
  it("import directions, find nothing", async () => assert.deepEqual(await checkImports(), []));
  it("file sizes, find nothing", async () => assert.deepEqual(await checkSizes(), []));
  it("ambient clock, randomness and network, find nothing", async () =>
    assert.deepEqual(await checkPurity(), []));
  it("numbered invariants, all are tested", async () => assert.deepEqual(await checkInvariants(), []));
});
