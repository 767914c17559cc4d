import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSimOptions } from "../../sim/options.ts";
import { troubles } from "../../sim/plan.ts";
import { WeftError } from "../../workers/protocol/errors.ts";

function refused(argv: readonly string[], code: string): void {
  assert.throws(
    () => parseSimOptions(argv),
    (error) => error instanceof WeftError && error.code === code && error.hint !== undefined,
    argv.join(" "),
  );
}

test("parseSimOptions, nothing given: five seeds of 40 rounds with every trouble, failing ones kept", () => {
  const options = parseSimOptions([]);
  assert.deepEqual(options?.seeds, [1, 2, 3, 4, 5]);
  assert.deepEqual([options?.rounds, options?.training, options?.jobs], [40, false, 2]);
  assert.deepEqual(options?.only, troubles);
  assert.match(options?.record ?? "", /regression-seeds\.txt$/);
});

test("parseSimOptions, single seeds, a range, some trouble: those", () => {
  assert.deepEqual(parseSimOptions(["--seed", "9", "--seed", "4"])?.seeds, [9, 4]);
  assert.deepEqual(parseSimOptions(["--seeds", "3", "--from", "10"])?.seeds, [10, 11, 12]);
  assert.deepEqual(parseSimOptions(["--only", "kills", "--only", "rpc"])?.only, ["kills", "rpc"]);
  assert.equal(parseSimOptions(["--no-record"])?.record, undefined);
});

test("parseSimOptions, bad input: refused with a code and a hint", () => {
  refused(["--seed", "one"], "OPTION_INVALID");
  refused(["--seed", "1", "--seeds", "2"], "OPTION_INVALID");
  refused(["--seeds", "0"], "OPTION_OUT_OF_RANGE");
  refused(["--rounds", "7"], "OPTION_OUT_OF_RANGE");
  refused(["--jobs", "0"], "OPTION_OUT_OF_RANGE");
  refused(["--only", "weather"], "OPTION_INVALID");
  refused(["--seeds", "2", "--trace", "x"], "OPTION_INVALID");
  refused(["--sedes", "2"], "OPTION_INVALID");
});
