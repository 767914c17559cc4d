import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { addRegressions, parseRegressions } from "../../sim/regressions.ts";
import type { SeedReport } from "../../sim/report.ts";
import { WeftError } from "../../workers/protocol/errors.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const failed = (seed: number): SeedReport => ({
  seed,
  rounds: 40,
  violations: [{ check: "states", round: 12, what: "two roots" }],
  digest: "",
  nodes: 5,
  rpcFaults: 0,
  gatewayFaults: 0,
  reorganisations: [],
  kills: 0,
  revealed: 0,
  expected: 0,
  settled: 0,
  checkpoints: 0,
  penalties: 0,
  seconds: 1,
});

test("addRegressions, seeds known and new, and of real training: the new ones once, behind what was there", async (t) => {
  const file = join(temporaryFolder(t), "seeds.txt");
  writeFileSync(file, "# why\n7 40 # states in round 3\n");
  await addRegressions(file, [failed(7), failed(8)], { training: false });
  await addRegressions(file, [failed(8)], { training: false });
  await addRegressions(file, [failed(9)], { training: true });
  assert.equal(readFileSync(file, "utf8"), "# why\n7 40 # states in round 3\n8 40 # states in round 12\n");
  assert.deepEqual(parseRegressions(readFileSync(file, "utf8")), [
    { seed: 7, rounds: 40 },
    { seed: 8, rounds: 40 },
  ]);
});

test("parseRegressions, a line that is no seed: refused with its number", () => {
  assert.throws(
    () => parseRegressions("1 40\nseed 2\n"),
    (error) => error instanceof WeftError && error.code === "REGRESSIONS_MALFORMED" && error.data.line === 2,
  );
});
