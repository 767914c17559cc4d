import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cellWidth, heatRows, intensity, moved } from "../../dashboard/src/heatMap.ts";
import { weights } from "../support/fixtureRun.ts";

describe("heatRows", () => {
  it("validators, then consensus and incentive once settled", () => {
    assert.deepEqual(
      heatRows(weights(13)).map(({ label }) => label),
      ["uid 6", "uid 7", "consensus", "incentive"],
    );
    assert.deepEqual(
      heatRows(weights(14)).map(({ label }) => label),
      ["uid 6", "uid 7"],
    );
  });
});

describe("intensity", () => {
  it("nothing is blank, the least is seen, the largest is full", () => {
    assert.deepEqual(
      [0, 1e-9, 0.25, 1, 2].map((value) => intensity(value, 1)),
      [0, 0.06, 0.5, 1, 1],
    );
    assert.equal(intensity(0, 0), 0);
  });
});

describe("cellWidth", () => {
  it("fits the width within bounds, at 256 uids too", () => {
    assert.equal(cellWidth(1000, 8), 64);
    assert.equal(cellWidth(1000, 40), 25);
    assert.equal(cellWidth(300, 256), 6);
    assert.equal(cellWidth(300, 0), 64);
  });
});

describe("moved", () => {
  it("arrows and ends move within the map; other keys leave the cell as it is", () => {
    const cell = { row: 0, column: 1 };
    assert.deepEqual(moved(cell, "ArrowDown", 2, 3), { row: 1, column: 1 });
    assert.deepEqual(moved(cell, "ArrowUp", 2, 3), { row: 0, column: 1 });
    assert.deepEqual(moved(cell, "ArrowRight", 2, 3), { row: 0, column: 2 });
    assert.deepEqual(moved({ row: 0, column: 2 }, "ArrowRight", 2, 3), { row: 0, column: 2 });
    assert.deepEqual(moved(cell, "Home", 2, 3), { row: 0, column: 0 });
    assert.deepEqual(moved(cell, "End", 2, 3), { row: 0, column: 2 });
    assert.equal(moved(cell, "Tab", 2, 3), cell);
  });
});
