import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRoundEntry } from "../../../workers/evaluation/evaluationLog.ts";
import { rootOf } from "../../../workers/node/stateContent.ts";
import type { NeuronId } from "../../../workers/protocol/quantities.ts";
import { standIn } from "../../../workers/training/lateSteps.ts";
import { outerStep } from "../../../workers/training/outerStep.ts";
import { evaluatedRun } from "../../support/evaluatedRun.ts";
import { never } from "../../support/scriptedRun.ts";
import { auditAll } from "../../support/tinyRun.ts";

test("a run that overlaps, two updates that name what their late steps began from: UPDATE_FOREIGN, invalid, in no state", async (t) => {
  const run = await evaluatedRun(t, undefined, auditAll, 1);
  const { host, chain, run: opened } = run;
  const { evaluator, book } = await run.evaluatorOf("validator");
  await run.play(3);
  await evaluator.evaluate(3, never);
  const { history } = host.follower;
  const before = await host.states.at(3, never);
  const state = await host.states.at(4, never);
  assert.notEqual(state.root, before.root);
  const own = history.rounds.reveal(3, 4n);
  assert.ok(own !== undefined);
  const { tensors } = await host.updates.read(own, never);
  const stoodIn = rootOf(opened.specs, standIn(before.theta, tensors, opened.manifest.outer));
  await run.play(
    4,
    new Map<NeuronId, { parentRoot: typeof stoodIn }>([
      [2n, { parentRoot: before.root }],
      [4n, { parentRoot: stoodIn }],
    ]),
  );
  await host.follower.sync(never);
  for (const neuronId of [2n, 4n]) {
    const reveal = history.rounds.reveal(4, neuronId);
    assert.ok(reveal !== undefined, `neuron ${neuronId}`);
    await assert.rejects(host.updates.readFor(state.root, reveal, never), { code: "UPDATE_FOREIGN" });
  }
  await evaluator.evaluate(4, never);
  const entry = parseRoundEntry(book.entry(4) ?? "");
  assert.equal(entry.parentRoot, state.root);
  for (const { neuronId, status, penalties } of entry.neurons) {
    const isForeign = neuronId === 2n || neuronId === 4n;
    assert.equal(status === "invalid", isForeign, `neuron ${neuronId}`);
    assert.equal(
      penalties.some(({ reason }) => reason === "invalid"),
      isForeign,
      `neuron ${neuronId}`,
    );
  }
  const gathered = [];
  for (const neuronId of [3n, 5n, 6n]) {
    const reveal = history.rounds.reveal(4, neuronId);
    if (reveal !== undefined) gathered.push((await host.updates.readFor(state.root, reveal, never)).tensors);
  }
  chain.goTo(5, 1);
  const next = await host.states.at(5, never);
  assert.equal(next.root, rootOf(opened.specs, outerStep(state.theta, gathered, opened.manifest.outer)));
  // Nor do late steps go on from what is no update.
  await run.play(5);
  const found = await run.auditorOf(await run.node("auditor", host.clock)).findings(5, never);
  for (const neuronId of [2n, 4n, 6n]) assert.equal(found.get(neuronId)?.reason, "reproduced", `${neuronId}`);
});
