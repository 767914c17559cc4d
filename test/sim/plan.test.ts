import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { calmRounds, most, planOf, timetable, troubles } from "../../sim/plan.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

test("planOf, the same seed twice: the same plan; another seed: another", () => {
  assert.deepEqual(planOf(7, 40), planOf(7, 40));
  assert.notDeepEqual({ ...planOf(7, 40), seed: 0 }, { ...planOf(8, 40), seed: 0 });
});

test("planOf, any seed: no more nodes than there are keys, names once, joins and trouble before the calm rounds", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: calmRounds + 1, max: 80 }), (seed, rounds) => {
      const plan = planOf(seed, rounds);
      const names = plan.nodes.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const role of ["miner", "validator"] as const)
        assert.ok(plan.nodes.filter((node) => node.role === role).length <= most[`${role}s`]);
      const end = (rounds - calmRounds) * timetable.period;
      for (const { from, until } of [...plan.rpc, ...plan.gateways]) assert.ok(from <= until && until <= end);
      for (const { from, until } of plan.kills) assert.ok(from < until && until <= end);
      for (const { at, depth } of plan.reorganisations) assert.ok(at < end && depth >= 1 && depth <= 12);
      for (const { joins } of plan.nodes) assert.ok((joins ?? 0) * timetable.period <= end);
      for (const { node } of [...plan.rpc, ...plan.kills]) assert.ok(names.includes(node));
    }),
  );
});

test("planOf, one kind of trouble alone: all others are left out, and it is as it was among them", () => {
  const all = planOf(3, 40);
  for (const trouble of troubles) {
    const alone = planOf(3, 40, [trouble]);
    for (const kind of ["rpc", "gateways", "kills", "reorganisations"] as const)
      assert.deepEqual(alone[kind], kind === trouble ? all[kind] : [], `${trouble}: ${kind}`);
    assert.equal(
      alone.nodes.some(({ skew }) => skew.wallAheadMs !== 0),
      trouble === "skew",
    );
  }
});

test("planOf, many seeds: every kind of trouble happens, and every number of blocks is replaced", () => {
  const plans = Array.from({ length: 200 }, (_, seed) => planOf(seed, 40));
  assert.equal(new Set(plans.flatMap(({ rpc }) => rpc.map(({ fault }) => fault.kind))).size, 6);
  assert.equal(new Set(plans.flatMap(({ gateways }) => gateways.map(({ fault }) => fault))).size, 6);
  assert.equal(new Set(plans.flatMap((plan) => plan.reorganisations.map(({ depth }) => depth))).size, 12);
  const steps = plans.flatMap(({ kills }) => kills.map(({ at }) => `${at?.when} ${at?.step}`));
  // Before and after each of 15 steps, and at any time.
  assert.equal(new Set(steps).size, 31);
});
