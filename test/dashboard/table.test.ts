import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { neuronColumns } from "../../dashboard/src/columns/neurons.ts";
import { filtered, pressed, sorted } from "../../dashboard/src/table.ts";
import { neurons } from "../support/fixtureRun.ts";

const rows = neurons.neurons;
const uids = (given: readonly { readonly uid: number }[]) => given.map(({ uid }) => uid);

describe("sorted", () => {
  it("amounts: by wei, not by their text", () => {
    const order = { key: "stake", descending: true };
    assert.deepEqual(uids(sorted(rows, neuronColumns, order)).slice(0, 3), [6, 7, 0]);
  });

  it("null: last either way", () => {
    for (const descending of [true, false]) {
      const last = uids(sorted(rows, neuronColumns, { key: "score", descending })).slice(-2);
      assert.deepEqual(last, [6, 7], `descending ${descending}`);
    }
  });

  it("equal rows keep their order; an unknown column changes nothing", () => {
    assert.deepEqual(
      uids(sorted(rows, neuronColumns, { key: "role", descending: false })),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    assert.equal(sorted(rows, neuronColumns, { key: "x", descending: true }), rows);
  });
});

describe("filtered", () => {
  it("every word, in any column, without regard to case, whole keys too", () => {
    assert.deepEqual(uids(filtered(rows, neuronColumns, "VALIDATOR")), [6, 7]);
    assert.deepEqual(uids(filtered(rows, neuronColumns, "miner repeats")), [4]);
    assert.deepEqual(uids(filtered(rows, neuronColumns, rows[2].hotkey)), [2]);
    assert.deepEqual(uids(filtered(rows, neuronColumns, "nobody")), []);
  });

  it("blank: all", () => {
    assert.equal(filtered(rows, neuronColumns, "  "), rows);
  });
});

describe("pressed", () => {
  it("a new column: descending first; the same again: turned around", () => {
    const first = pressed(undefined, "stake");
    assert.deepEqual(first, { key: "stake", descending: true });
    assert.deepEqual(pressed(first, "stake"), { key: "stake", descending: false });
    assert.deepEqual(pressed(first, "score"), { key: "score", descending: true });
  });
});
