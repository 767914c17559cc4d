import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attackOf, attacks } from "../../lab/attacks.ts";
import { fractionOf, parseLabOptions } from "../../lab/options.ts";
import { WeftError } from "../../workers/protocol/errors.ts";

function refused(argv: readonly string[], code: string): void {
  assert.throws(
    () => parseLabOptions(argv),
    (error) => error instanceof WeftError && error.code === code && error.hint !== undefined,
    argv.join(" "),
  );
}

test("parseLabOptions, nothing given: every attack, its own fraction, three seeds", () => {
  const options = parseLabOptions([]);
  assert.deepEqual(
    options?.attacks,
    attacks.map(({ name }) => name),
  );
  assert.deepEqual([options?.fraction, options?.seeds, options?.json], [undefined, 3, undefined]);
});

test("parseLabOptions, attacks and a fraction: those", () => {
  const options = parseLabOptions([
    "--attack",
    "noise",
    "--attack",
    "twin",
    "--fraction",
    "0.2",
    "--seeds",
    "1",
  ]);
  assert.deepEqual([options?.attacks, options?.fraction, options?.seeds], [["noise", "twin"], 0.2, 1]);
});

test("parseLabOptions, bad input: refused with a code and a hint", () => {
  refused(["--attack", "angel"], "UNKNOWN_ATTACK");
  for (const fraction of ["1", "1.5", "0", "-0.1", "many", "", "NaN"])
    refused(["--fraction", fraction], "FRACTION_INVALID");
  refused(["--seeds", "0"], "OPTION_OUT_OF_RANGE");
  refused(["--jobs", "65"], "OPTION_OUT_OF_RANGE");
  refused(["--seeds", "1.5"], "OPTION_INVALID");
  refused(["--what"], "OPTION_INVALID");
});

test("fractionOf, any number between 0 and 1: that number; any other: refused", () => {
  fc.assert(
    fc.property(fc.double({ min: -2, max: 2, noNaN: true }), (value) => {
      if (value > 0 && value < 1) assert.equal(fractionOf(`${value}`), value);
      else assert.throws(() => fractionOf(`${value}`), { code: "FRACTION_INVALID" });
    }),
  );
});

test("attacks, every name: once, found by attackOf; an unknown one lists them", () => {
  const names = attacks.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.equal(attackOf(name).name, name);
  assert.throws(() => attackOf("angel"), { code: "UNKNOWN_ATTACK", data: { name: "angel", known: names } });
});
