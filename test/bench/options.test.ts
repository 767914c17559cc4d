import assert from "node:assert/strict";
import { test } from "node:test";
import { CommanderError, InvalidArgumentError } from "commander";
import { benchCommand, listOf } from "../../bench/options.ts";
import { atLeast } from "../../workers/cli/commandLine.ts";

test("atLeast, whole numbers from the least on, and anything else: refused", () => {
  assert.equal(atLeast(2)("2"), 2);
  for (const text of ["1", "2.5", "", " ", "many", "1e99", "-3"])
    assert.throws(() => atLeast(2)(text), InvalidArgumentError, text);
});

test("listOf, values between commas: each is read", () => {
  assert.deepEqual(listOf(atLeast(1))("8, 64"), [8, 64]);
  assert.throws(() => listOf(atLeast(1))("8,,64"), InvalidArgumentError);
});

test("benchCommand, what no bench knows: refused; --json of every bench", () => {
  const command = benchCommand("codec", "Size.")
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  assert.throws(() => command.parse(["--nothing"], { from: "user" }), CommanderError);
  assert.equal(command.parse(["--json", "file"], { from: "user" }).opts().json, "file");
});
