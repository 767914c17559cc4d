import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { barChart } from "../../../lab/report/chart.ts";
import { attackDocument } from "../../../lab/report/document.ts";
import { summarise } from "../../../lab/report/summary.ts";
import { type AttackResult, readResults } from "../../../lab/result.ts";

function result(change: Partial<AttackResult>): AttackResult {
  return {
    name: "noise",
    tier: "training",
    fraction: 0.3,
    seed: 1,
    rewardPerUid: 0.02,
    rewardPerCompute: null,
    operatorReward: 0.06,
    lossDamage: 0.01,
    roundsToZeroWeight: 3,
    honestFalsePositives: 0,
    seconds: 1,
    details: { lastEpochRewardPerUid: 0 },
    ...change,
  };
}

test("summarise, two seeds: means with extremes; null figures left out", () => {
  const [noise] = summarise([result({}), result({ seed: 2, rewardPerUid: 0.04, roundsToZeroWeight: null })]);
  assert.deepEqual(noise.rewardPerUid, { mean: 0.03, least: 0.02, most: 0.04 });
  assert.deepEqual([noise.seeds, noise.rewardPerCompute, noise.roundsToZeroWeight?.mean], [2, undefined, 3]);
  assert.deepEqual(noise.exceeded, []);
});

test("summarise, one result on each side of every bound: beyond it says what", () => {
  const cases: readonly (readonly [Partial<AttackResult>, Partial<AttackResult>])[] = [
    [{ rewardPerUid: 0.1 }, { rewardPerUid: 0.101 }],
    [{ lossDamage: 0.02 }, { lossDamage: 0.021 }],
    [
      { name: "copycat", rewardPerUid: 0.05 },
      { name: "copycat", rewardPerUid: 0.051 },
    ],
    [
      { name: "twin", operatorReward: 1.1 },
      { name: "twin", operatorReward: 1.11 },
    ],
    [
      { name: "cabal-45", operatorReward: 1.049, lossDamage: null },
      { name: "cabal-45", operatorReward: 1.06, lossDamage: null },
    ],
    [
      { name: "weight-copier", rewardPerUid: 0.8, lossDamage: null },
      { name: "weight-copier", rewardPerUid: 0.81, lossDamage: null },
    ],
    [
      { name: "lossy", honestFalsePositives: 0.01, lossDamage: null },
      { name: "lossy", honestFalsePositives: 0.011, lossDamage: null },
    ],
  ];
  for (const [within, beyond] of cases) {
    assert.deepEqual(summarise([result(within)])[0].exceeded, [], JSON.stringify(within));
    assert.equal(summarise([result(beyond)])[0].exceeded.length, 1, JSON.stringify(beyond));
  }
});

test("attackDocument, an attack that pays: stays in the table and among what does not hold", () => {
  const results = [result({ rewardPerUid: 0.5 })];
  const page = attackDocument(results);
  assert.match(page, /^\| noise \|.*\*\*no\*\* \|$/m);
  assert.match(page, /^- \*\*noise\*\*: reward per uid 0\.500 > 0\.1\./m);
  assert.match(page, /Not played: clean, /);
});

test("barChart, a label with markup: escaped; a value beyond the end: cut off there", () => {
  const svg = barChart("a & b", [{ label: "<x>", value: 9, limit: 1 }], 2);
  assert.match(svg, /a &amp; b/);
  assert.match(svg, /&lt;x&gt;/);
  assert.match(svg, /width="420\.0" height="12" fill="#b5372f"/);
});

test("docs/attacks.md: follows from docs/figures/attacks.json", async () => {
  const results = await readResults("docs/figures/attacks.json");
  const page = attackDocument(results);
  assert.equal(await readFile("docs/attacks.md", "utf8"), page);
});
