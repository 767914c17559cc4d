import assert from "node:assert/strict";
import { test } from "node:test";
import { Command, InvalidArgumentError } from "commander";
import { collect, optionsOrHelp, requireWithin, wholeNumber } from "../../../workers/cli/commandLine.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";

function read(...argv: string[]): unknown {
  const command = new Command("knit").option("--yarn <colour>").exitOverride();
  command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  return optionsOrHelp("npm run knit --", () => command.parse(argv, { from: "user" }).opts());
}

test("optionsOrHelp, options, help, an unknown option, another error: read, undefined, OPTION_INVALID, thrown on", () => {
  assert.deepEqual(read("--yarn", "red"), { yarn: "red" });
  assert.equal(read("--help"), undefined);
  assert.throws(
    () => read("--wool"),
    (error) =>
      error instanceof FatalError &&
      error.code === "OPTION_INVALID" &&
      /knit -- --help/.test(`${error.hint}`),
  );
  const broken = new Error("broken");
  const parse = () => {
    throw broken;
  };
  assert.throws(() => optionsOrHelp("npm run knit --", parse), broken);
});

test("wholeNumber, collect, requireWithin: both sides of every bound", () => {
  assert.equal(wholeNumber("0"), 0);
  for (const text of ["", " ", "-1", "1.5", "ten", "9007199254740992"])
    assert.throws(() => wholeNumber(text), InvalidArgumentError, text);
  assert.deepEqual(collect("b", ["a"]), ["a", "b"]);
  for (const value of [2, 4]) requireWithin("yarns", value, 2, 4);
  for (const value of [1, 5, Number.NaN])
    assert.throws(() => requireWithin("yarns", value, 2, 4), { code: "OPTION_OUT_OF_RANGE" });
});
