import assert from "node:assert/strict";
import { it } from "node:test";
import { comparedWith, modelName } from "../../../dashboard/src/text/models.ts";
import type { ModelRow } from "../../../workers/projector/apiText.ts";

const row = (round: number, source: ModelRow["source"], stateRoot = `0x${round}`): ModelRow => ({
  ...{ round, source, stateRoot, heldOutLoss: null },
});

it("comparedWith: the one chosen; else the newest that is not a worker's own; else any other", () => {
  const models = [row(9, "saved"), row(8, "saved"), row(6, "checkpoint"), row(0, "start")];
  assert.equal(comparedWith(models, "0x8")?.round, 8);
  assert.equal(comparedWith(models, "0xgone")?.round, 6);
  assert.equal(comparedWith(models, undefined)?.round, 6);
  assert.equal(comparedWith(models.slice(0, 2), undefined)?.round, 8);
});

it("comparedWith, nothing else, or the same state again: none", () => {
  assert.equal(comparedWith([], undefined), undefined);
  assert.equal(comparedWith([row(0, "start")], "0x0"), undefined);
  assert.equal(comparedWith([row(1, "saved", "0x0"), row(0, "start")], "0x0"), undefined);
});

it("modelName, a source of a later projector: its own name", () => {
  assert.equal(modelName(row(12, "other" as ModelRow["source"])), "Round 12 · other");
});
