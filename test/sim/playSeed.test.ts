import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { type Engines, syntheticEngines, trainingEngines } from "../../sim/nodes/engines.ts";
import { quadraticEngine } from "../../sim/nodes/quadraticEngine.ts";
import { calmRounds, type Plan, planOf } from "../../sim/plan.ts";
import { playSeed } from "../../sim/playSeed.ts";
import { parseRegressions } from "../../sim/regressions.ts";
import { openWorld } from "../../sim/world/world.ts";
import { cpuDevice } from "../../workers/training/device.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const { signal } = new AbortController();
const world = await openWorld(temporaryFolder({ after }), signal);
after(() => world.close());

const rounds = calmRounds + 6;

test("playSeed, nothing goes wrong: every miner reveals in every round, epochs are settled, nobody is punished", async () => {
  const plan = planOf(1, rounds, []);
  const { report } = await playSeed(world, { plan, signal });
  assert.deepEqual(report.violations, []);
  const miners = plan.nodes.filter(({ role }) => role === "miner").length;
  // Those of the last round are not counted any more.
  assert.equal(report.revealed, miners * (rounds - 1));
  assert.ok(report.expected > 0 && report.settled === 3 && report.checkpoints >= 1);
  assert.equal(report.rpcFaults + report.gatewayFaults + report.kills + report.penalties, 0);
});

test("playSeed, everything that can go wrong: no violation", async () => {
  const { report } = await playSeed(world, { plan: planOf(12, rounds), signal });
  assert.deepEqual(report.violations, []);
  const { kills, rpcFaults, gatewayFaults, reorganisations } = report;
  assert.ok(kills > 0 && rpcFaults > 0 && gatewayFaults > 0 && reorganisations.length > 0);
});

test("playSeed, real training in place of invented updates: no violation", async () => {
  const { report } = await playSeed(world, { plan: planOf(1, rounds), engines: trainingEngines(), signal });
  assert.deepEqual(report.violations, []);
  assert.ok(report.revealed > 0);
});

test("playSeed, a miner whose training never ends: it is said which one did nothing", async () => {
  const plan = calmPlan();
  const hanging: Engines = {
    ...syntheticEngines,
    openerFor: () => {
      let isFirst = true;
      return async () => {
        const trainInner = () => new Promise<never>(() => undefined);
        const engine = isFirst ? { ...quadraticEngine, trainInner } : quadraticEngine;
        isFirst = false;
        return { engine, device: cpuDevice };
      };
    },
  };
  const { report } = await playSeed(world, { plan, engines: hanging, signal });
  const [first] = report.violations;
  assert.deepEqual([first.check, first.what.split(" ")[0]], ["rewards", "miner-1"]);
});

test("playSeed, every seed that once broke a rule: none does any more", async (t) => {
  const text = readFileSync(new URL("regression-seeds.txt", import.meta.url), "utf8");
  for (const { seed, rounds: length } of parseRegressions(text))
    await t.test(`seed ${seed}, ${length} rounds`, async () => {
      const { report } = await playSeed(world, { plan: planOf(seed, length), signal });
      assert.deepEqual(report.violations, []);
    });
});

/** Nothing goes wrong, and the first node to be opened is a miner. */
function calmPlan(): Plan {
  const plan = planOf(1, calmRounds + 1, []);
  return { ...plan, nodes: plan.nodes.toSorted((a, b) => a.role.localeCompare(b.role)) };
}
