import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCoverage, parseCoverage } from "../../tools/checks/coverage.ts";

const table = [
  "║ File Path                  │ Line % │ Statement % │ Uncovered Lines ║",
  "║ contracts/Emission.sol     │ 98.94  │ 99.05       │ 223             ║",
  "║ contracts/Phased.sol       │ 97.00  │ 100.00      │ 7               ║",
  "║ contracts/Gated.sol        │ 100.00 │ 96.99       │ 9-11, 14        ║",
  "║ contracts/EpochEngine.sol  │ 100.00 │ 100.00      │ -               ║",
  "║ Total                      │ 99.78  │ 99.77       │                 ║",
].join("\n");

test("parseCoverage, Hardhat's table, a row per contract", () => {
  const rows = parseCoverage(table);
  assert.equal(rows.length, 4);
  assert.deepEqual(rows[2], {
    file: "contracts/Gated.sol",
    lines: 100,
    statements: 96.99,
    uncovered: "9-11, 14",
  });
});

test("checkCoverage, money below 100 % or another below 97 % or absent, named", () => {
  const problems = checkCoverage(parseCoverage(table), ["contracts/EpochEngine.sol", "contracts/Lost.sol"]);
  assert.deepEqual(
    problems.map((problem) => problem.split(":")[0]),
    ["contracts/Lost.sol", "contracts/Emission.sol", "contracts/Gated.sol"],
  );
});
