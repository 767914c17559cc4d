import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { keccak256, toHex } from "viem";
import type { AuditFinding } from "../../../workers/evaluation/audit.ts";
import { parseRoundEntry, type RoundEntry } from "../../../workers/evaluation/evaluationLog.ts";
import type { NeuronId } from "../../../workers/protocol/quantities.ts";
import { Auditor } from "../../../workers/validator/auditor.ts";
import { bookedRounds, type LoggedRounds } from "../../../workers/validator/loggedRounds.ts";
import { replay } from "../../../workers/validator/replay.ts";
import { evaluatedRun, machine, patientClock } from "../../support/evaluatedRun.ts";
import { never, SleepClock } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

const honest = 2n;
const silent = 4n;

/** Three rounds; neuron 4 publishes no worker state from round 1 on. */
async function bench(t: TestContext) {
  const run = await evaluatedRun(t, undefined, auditAll);
  const { evaluator, book } = await run.evaluatorOf("validator");
  for (const round of [0, 1, 2]) {
    await run.play(round, round > 0 ? new Map([[silent, { withhold: true }]]) : undefined);
    await evaluator.evaluate(round, never);
  }
  const node = await run.node("replay", new SleepClock());
  await node.follower.sync(never);
  const entry = (round: number) => parseRoundEntry(book.entry(round) ?? "");
  const replayed = (neuronId: NeuronId, logged: LoggedRounds = bookedRounds(book), on = machine) => {
    const { dataset, engine, engineLosses: losses } = run;
    const auditor = new Auditor({ ...node, dataset, engine, machine: on, clock: patientClock });
    const options = { ...node, validator: 1n, dataset, losses, auditor };
    return replay(options, logged, { neuronId, round: 2, all: false }, never);
  };
  return { entry, replayed, book };
}

/** A log whose entry of round 2 says something else about a neuron's audit. */
function lying(
  entry: (round: number) => RoundEntry,
  neuronId: NeuronId,
  audit: AuditFinding | null,
): LoggedRounds {
  const changed = (found: RoundEntry): RoundEntry => ({
    ...found,
    neurons: found.neurons.map((one) => (one.neuronId === neuronId ? { ...one, audit } : one)),
  });
  return {
    entry: (round) => (round === 2 ? changed(entry(round)) : entry(round)),
    covers: () => true,
    source: "test",
    machine: undefined,
    missing: [],
  };
}

test("RoundEvaluator, audits: in the entry of the round after; who withholds loses its score, others nothing", async (t) => {
  const { entry } = await bench(t);
  const of = (round: number, neuronId: NeuronId) =>
    entry(round).neurons.find((neuron) => neuron.neuronId === neuronId);
  assert.equal(of(0, honest)?.audit, null);
  assert.deepEqual([of(2, honest)?.audit?.round, of(2, honest)?.audit?.result], [1, "pass"]);
  assert.deepEqual([of(2, silent)?.audit?.result, of(2, silent)?.after.auditStanding], ["withheld", 0]);
  assert.deepEqual([of(1, silent)?.audit?.result, of(2, silent)?.score], ["pass", 0]);
  assert.ok((of(2, honest)?.score ?? 0) > 0);
});

test("replay, audits computed again or withheld: identical; on another machine: tolerated", async (t) => {
  const { replayed, book } = await bench(t);
  assert.equal((await replayed(honest)).verdict, "identical");
  assert.equal((await replayed(silent)).verdict, "identical", "what was withheld is taken from the log");
  const other = await replayed(honest, bookedRounds(book), keccak256(toHex("another machine")));
  // Its own machine is another one: it can only compare within the tolerance.
  assert.deepEqual([other.verdict, other.difference], ["tolerated", undefined]);
});

test("replay, a log that invents a failed audit or hides an audit: different", async (t) => {
  const { entry, replayed } = await bench(t);
  const passed = entry(2).neurons.find(({ neuronId }) => neuronId === honest)?.audit;
  assert.ok(passed != null);
  const failed = { ...passed, result: "fail", reason: "updateDiffers" } as const;
  for (const audit of [failed, null]) {
    const { verdict, difference } = await replayed(honest, lying(entry, honest, audit));
    assert.equal(verdict, "different");
    assert.match(difference?.path ?? "", /^neuron 2\.audit/);
  }
});
