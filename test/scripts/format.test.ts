import assert from "node:assert/strict";
import { test } from "node:test";
import { columns, widthOf, wrapped } from "../../scripts/format.ts";

const rows = [
  ["uid", "hotkey", "role", "stake WEFT", "earned WEFT"],
  ["0", "0x1234…cdef", "miner", "10.00", "1 234.00"],
  ["12", "0x1234…cdef", "validator", "1 000.00", ""],
];

test("widthOf, a terminal, one that does not say its width, a file: its width, 80, none", () => {
  assert.equal(widthOf({ isTTY: true, columns: 60 }), 60);
  assert.equal(widthOf({ isTTY: true }), 80);
  assert.equal(widthOf({ columns: 60 }), undefined);
  assert.equal(widthOf({ isTTY: true, columns: 0 }), undefined);
});

test("columns, without a width or with room: a line a row, aligned", () => {
  const lines = [
    "uid  hotkey       role       stake WEFT  earned WEFT",
    "  0  0x1234…cdef  miner           10.00     1 234.00",
    " 12  0x1234…cdef  validator    1 000.00",
  ];
  assert.deepEqual(columns(rows, [0, 3, 4]), lines);
  assert.deepEqual(columns(rows, [0, 3, 4], 52), lines);
});

test("columns, a width that is too small: what does not fit stands below, indented and aligned, empty lines left out", () => {
  assert.deepEqual(columns(rows, [0, 3, 4], 40), [
    "uid  hotkey       role       stake WEFT",
    "    earned WEFT",
    "  0  0x1234…cdef  miner           10.00",
    "       1 234.00",
    " 12  0x1234…cdef  validator    1 000.00",
  ]);
  for (const line of columns(rows, [0, 3, 4], 16)) assert.ok(line.length <= 16, JSON.stringify(line));
});

test("columns, cells wider than the width, and no rows: each on a line of its own; none", () => {
  assert.deepEqual(columns([["abcdefgh", "ijklmnop"]], [], 4), ["abcdefgh", "    ijklmnop"]);
  assert.deepEqual(columns([], [], 40), []);
});

test("wrapped, no width or a line that fits: as it is", () => {
  const line = "  two  spaces   stay";
  assert.deepEqual(wrapped(line, undefined), [line]);
  assert.deepEqual(wrapped(line, line.length), [line]);
  assert.deepEqual(wrapped("", 10), [""]);
});

test("wrapped, a longer line: broken between words, later lines indented further", () => {
  assert.deepEqual(wrapped("  one two three four five", 14), ["  one two", "    three four", "    five"]);
  assert.deepEqual(wrapped("abcdefghijklmnop xyz", 8), ["abcdefghijklmnop", "  xyz"]);
});

test("wrapped, a command: stays whole, so that it can be copied", () => {
  const command = "npx hardhat fund --to 0x1234567890 --coin 0.5";
  assert.deepEqual(wrapped(`no coin for gas: ${command}`, 20), ["no coin for gas:", `  ${command}`]);
});
