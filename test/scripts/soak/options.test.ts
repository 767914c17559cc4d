import assert from "node:assert/strict";
import { isAbsolute } from "node:path";
import { test } from "node:test";
import { parseSoakOptions } from "../../../scripts/soak/options.ts";

test("parseSoakOptions, nothing given: half an hour with three miners and two validators, in a folder of its own", () => {
  const { dir, json, ...rest } = parseSoakOptions([]);
  assert.ok(isAbsolute(dir), dir);
  assert.equal(json, undefined);
  assert.deepEqual(rest, { minutes: 30, seed: "weft", miners: 3, validators: 2, gap: 20, port: 8546 });
});

test("parseSoakOptions, both sides of every bound, and no whole numbers: OPTION_OUT_OF_RANGE outside", () => {
  for (const [name, least, most, below, above] of [
    ["minutes", "1", "10000", "0.9", "10001"],
    ["gap", "1", "3600", "0.5", "3601"],
    ["miners", "1", "16", "0", "17"],
    ["validators", "1", "8", "0", "9"],
    ["port", "1", "65535", "0", "65536"],
  ]) {
    for (const given of [least, most]) parseSoakOptions([`--${name}`, given]);
    for (const given of [below, above, "many"])
      assert.throws(() => parseSoakOptions([`--${name}`, given]), { code: "OPTION_OUT_OF_RANGE" }, name);
  }
  assert.throws(() => parseSoakOptions(["--miners", "1.5"]), { code: "OPTION_OUT_OF_RANGE" });
});
