import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { keccak256, toHex } from "viem";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import {
  type AuditFinding,
  auditFailed,
  auditReasons,
  compareExactly,
  compareUpdates,
  compareWithin,
  leastAuditStanding,
  nextAuditStanding,
  uncompared,
} from "../../../workers/evaluation/audit.ts";
import { newNeuronState } from "../../../workers/evaluation/neuronState.ts";
import { scoreOf } from "../../../workers/evaluation/score.ts";
import { auditPicks } from "../../../workers/protocol/auditDraw.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";
import { auditAll } from "../../support/tinyRun.ts";
import { settings } from "./quadraticRun.ts";

const root = (name: string) => keccak256(toHex(name));
const sparse = (positions: number[], values: number[]): SparseTensor => ({
  positions: Uint32Array.from(positions),
  values: Float32Array.from(values),
});
const update = [sparse([1, 4, 9], [1, -2, 3])];

test("compareExactly, any other position, value or root: fails and says which", () => {
  const same = { sent: root("a"), computed: root("a") };
  assert.equal(compareExactly(3, { sent: update, computed: update }, same).reason, "reproduced");
  for (const other of [
    [sparse([1, 4], [1, -2])],
    [sparse([1, 5, 9], [1, -2, 3])],
    [sparse([1, 4, 9], [1, -2, Math.fround(3.0000002)])],
  ]) {
    const found = compareExactly(3, { sent: update, computed: other }, same);
    assert.deepEqual([found.result, found.reason], ["fail", "updateDiffers"]);
  }
  const moved = compareExactly(3, { sent: update, computed: update }, { ...same, computed: root("b") });
  assert.deepEqual([moved.result, moved.reason], ["fail", "stateDiffers"]);
});

test("compareUpdates: on both sides of the least overlap and the least cosine", () => {
  const computed = [sparse([1, 4, 8], [1, -2, 3])];
  const found = (leastOverlap: number, leastCosine: number) =>
    compareUpdates(0, "tolerance", { sent: update, computed }, { leastOverlap, leastCosine });
  const cosine = 5 / 14;
  assert.ok(Math.abs((found(0, 0).cosine ?? 0) - cosine) < 1e-12);
  assert.equal(found(2 / 3, 0.35).result, "pass");
  assert.equal(found(0.67, 0.35).result, "fail");
  assert.equal(found(2 / 3, 0.36).result, "fail");
});

test("compareUpdates, the same update times a factor: as far as the least cosine goes, however it points", () => {
  const times = (factor: number) => [sparse([1, 4, 9], [factor, -2 * factor, 3 * factor])];
  const found = (factor: number) =>
    compareUpdates(0, "tolerance", { sent: times(factor), computed: update }, auditAll);
  const { leastCosine } = auditAll;
  assert.deepEqual([found(leastCosine + 0.001).result, found(leastCosine - 0.001).result], ["pass", "fail"]);
  assert.deepEqual([found(1.02).result, found(1.1).result, found(100).result], ["pass", "fail", "fail"]);
});

test("compareUpdates, updates that keep nothing: the same; one that keeps nothing: another", () => {
  const none = [sparse([], [])];
  assert.equal(compareUpdates(0, "compression", { sent: none, computed: none }, auditAll).result, "pass");
  assert.equal(compareUpdates(0, "compression", { sent: update, computed: none }, auditAll).result, "fail");
});

test("compareWithin, states after that point elsewhere, are not finite, or count other steps: stateDiffers", () => {
  const specs = [{ name: "a", shape: [10] }];
  const zero = zeroWorkerState(specs);
  const filled = (value: number) => [new Float32Array(10).fill(value)];
  const ours = { errorFeedback: filled(1), moments: { first: filled(2), second: filled(3), steps: 8 } };
  const found = (theirs: typeof ours) =>
    compareWithin(0, { sent: update, computed: update }, { sent: theirs, computed: ours }, auditAll).reason;
  assert.equal(found(ours), "reproduced");
  assert.equal(found({ ...ours, errorFeedback: filled(-1) }), "stateDiffers");
  assert.equal(found({ ...ours, errorFeedback: filled(Number.NaN) }), "stateDiffers");
  assert.equal(
    found({ ...ours, moments: { ...ours.moments, second: filled(Number.POSITIVE_INFINITY) } }),
    "stateDiffers",
  );
  assert.equal(
    found({
      ...ours,
      moments: { ...ours.moments, first: zero.moments.first.map((tensor) => tensor.slice()) },
    }),
    "stateDiffers",
  );
  assert.equal(found({ ...ours, moments: { ...ours.moments, steps: 9 } }), "stateDiffers");
});

test("I51 nextAuditStanding, any sequence: in [0, 1], 0 after a failure, never more without a clean evaluation", () => {
  const audits = fc.option(fc.constantFrom(...auditReasons).map(findingOf), { nil: undefined });
  const step = fc.record({ audit: audits, clean: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (steps, decay) => {
        let standing = 1;
        for (const { audit, clean } of steps) {
          const next = nextAuditStanding(standing, audit, clean, decay);
          assert.ok(next >= 0 && next <= 1);
          if (audit !== undefined && auditFailed(audit)) assert.equal(next, 0);
          else if (clean) assert.ok(next >= standing);
          else assert.equal(next, standing);
          standing = next;
        }
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});

test("scoreOf, audit standing: zero below one half, a factor from there on", () => {
  const good = { ...newNeuronState(1n, settings.rating), evaluations: 9, recent: [true, true] };
  const whole = scoreOf(good, settings);
  assert.ok(whole > 0);
  assert.equal(scoreOf({ ...good, auditStanding: 0.499 }, settings), 0);
  assert.equal(scoreOf({ ...good, auditStanding: 0.5 }, settings), whole / 2);
});

test("uncompared: withheld is its own result, unable none, the rest fails", () => {
  assert.deepEqual(
    (["withheld", "unable", "diverged", "notAState"] as const).map((reason) => uncompared(1, reason).result),
    ["withheld", "unable", "fail", "fail"],
  );
});

function findingOf(reason: (typeof auditReasons)[number]): AuditFinding {
  if (reason === "reproduced") return { ...uncompared(0, reason), result: "pass" };
  return uncompared(0, reason);
}

/** Rounds with a score of zero after a failed audit, when every round since is evaluated and clean. */
function lostRounds(decay: number): number {
  let lost = 0;
  for (let standing = 0; standing < leastAuditStanding; standing = 1 - (1 - standing) * decay) lost += 1;
  return lost;
}

/**
 * What a miner that cheats in every `every`-th round wins by it, per cheated round, in rewards of a round: what it saves
 * (all of the work, which costs as much as it earns) less what failed audits cost it.
 */
function advantage(rate: number, decay: number, every: number, rounds: number): number {
  let [standing, caught, cheated, lost] = [1, false, 0, 0];
  for (let round = 0; round < rounds; round++) {
    standing = nextAuditStanding(
      standing,
      caught ? uncompared(round - 1, "updateDiffers") : undefined,
      true,
      decay,
    );
    if (standing < leastAuditStanding) lost += 1;
    const cheats = round % every === 0;
    cheated += Number(cheats);
    caught = cheats && auditPicks(root(`beacon ${round}`), [1n], { rate, perRound: 1 }).length > 0;
  }
  return (cheated - lost) / cheated;
}

test("economics: occasional cheating wins below rate × lost rounds = 1 and loses above, on both sides of each", () => {
  assert.deepEqual([lostRounds(0.97), lostRounds(0.95)], [23, 14]);
  for (const [rate, decay] of [
    [0.05, 0.97],
    [0.08, 0.95],
    [0.035, 0.97],
    [0.06, 0.95],
  ] as const) {
    const expected = 1 - rate * lostRounds(decay);
    const found = advantage(rate, decay, 60, 900_000);
    assert.ok(Math.abs(found - expected) < 0.12, `${rate}, ${decay}: ${found} instead of ${expected}`);
    assert.equal(found < 0, expected < 0, `${rate}, ${decay}: ${found}`);
  }
});

test("economics: who cheats in every round is paid in at most (1 − rate)^lostRounds of them", () => {
  const [rate, decay] = [0.05, 0.97];
  const paid = advantage(rate, decay, 1, 30_000);
  const expected = (1 - rate) ** lostRounds(decay);
  assert.ok(Math.abs(paid - expected) < 0.03, `${paid} instead of ${expected}`);
});
