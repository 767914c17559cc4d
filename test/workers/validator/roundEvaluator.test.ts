import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { RoundEntry } from "../../../workers/evaluation/evaluationLog.ts";
import type { LossFunction } from "../../../workers/evaluation/lossScore.ts";
import { scoreOf } from "../../../workers/evaluation/score.ts";
import type { NeuronId, Uid } from "../../../workers/protocol/quantities.ts";
import { ContentMissingError } from "../../../workers/storage/errors.ts";
import { type EvaluatedRun, evaluatedRun } from "../../support/evaluatedRun.ts";
import { never } from "../../support/scriptedRun.ts";

const rounds = 3;

/** Real updates of every player for three rounds, evaluated by one validator; rounds `left` out are not evaluated. */
async function evaluated(t: TestContext, uids: readonly Uid[], left: readonly number[] = []) {
  const { run, play, evaluatorOf } = await evaluatedRun(t, uids);
  const { evaluator, states } = await evaluatorOf("validator");
  const entries: RoundEntry[] = [];
  for (let round = 0; round < rounds; round++) {
    await play(round);
    if (left.includes(round)) continue;
    const state = await states.at(round, never);
    const before = state.theta.map((tensor) => tensor.slice());
    const entry = await evaluator.evaluate(round, never);
    assert.deepEqual(state.theta, before, `θ of round ${round} is left as it was`);
    assert.deepEqual(await evaluator.evaluate(round, never), entry, "a round is evaluated once");
    entries.push(entry);
  }
  const scores = new Map(
    [...evaluator.neuronStates()].map(([neuronId, found]) => [
      neuronId,
      scoreOf(found, run.manifest.scoring),
    ]),
  );
  const ranking = [...scores]
    .sort(([, a], [, b]) => b - a)
    .filter(([, score]) => score > 0)
    .map(([neuronId]) => neuronId);
  return { entries, scores, ranking };
}

/** Everything a validator remembers after rounds that were all evaluated without a break. */
async function unbroken({ evaluatorOf }: EvaluatedRun, name: string) {
  const { evaluator, book } = await evaluatorOf(name);
  for (let round = 0; round < rounds; round++) await evaluator.evaluate(round, never);
  return { entries: book.entries(0, rounds), states: book.states() };
}

test("RoundEvaluator, uids shuffled: the same scores and ranking for the same neurons, adversaries without any", async (t) => {
  const first = await evaluated(t, [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(first.ranking.toSorted(), [2n, 4n, 6n], "the honest ones, whom nobody named");
  assert.deepEqual([first.scores.get(3n), first.scores.get(5n)], [0, 0]);
  for (const uids of [
    [5, 4, 3, 2, 1, 0],
    [2, 5, 0, 4, 1, 3],
  ]) {
    const again = await evaluated(t, uids);
    assert.deepEqual(again.ranking, first.ranking, `uids ${uids}`);
    for (const [neuronId, score] of first.scores)
      assert.ok(
        Math.abs((again.scores.get(neuronId) ?? -1) - score) < 1e-6,
        `neuron ${neuronId}, uids ${uids}`,
      );
  }
});

test("RoundEvaluator, an update sold again and a random one: penalties say why", async (t) => {
  const { entries } = await evaluated(t, [0, 1, 2, 3, 4, 5]);
  for (const { round, neurons } of entries.slice(1)) {
    const of = (neuronId: NeuronId) => neurons.find((neuron) => neuron.neuronId === neuronId);
    assert.deepEqual(
      of(3n)
        ?.penalties.map(({ reason }) => reason)
        .includes("copy"),
      true,
      `round ${round}`,
    );
    assert.equal(of(3n)?.copyOf?.round, round - 1);
    assert.deepEqual(
      of(5n)?.penalties.map(({ reason }) => reason),
      ["negative"],
      `round ${round}`,
    );
    for (const honest of [2n, 4n, 6n])
      assert.deepEqual(of(honest)?.penalties, [], `neuron ${honest}, round ${round}`);
  }
});

test("RoundEvaluator, a round that was not evaluated here: nobody's worker state counts as broken in the next", async (t) => {
  const { entries } = await evaluated(t, [0, 1, 2, 3, 4, 5], [1]);
  assert.deepEqual(
    entries.map(({ round }) => round),
    [0, 2],
  );
  for (const { neuronId, penalties } of entries[1].neurons)
    assert.ok(!penalties.some(({ reason }) => reason === "brokenState"), `neuron ${neuronId}`);
});

test("RoundEvaluator, two validators that draw alike: the same entries and states, to the last byte", async (t) => {
  const run = await evaluatedRun(t);
  for (let round = 0; round < rounds; round++) await run.play(round);
  assert.deepEqual(await unbroken(run, "one"), await unbroken(run, "other"));
});

test("RoundEvaluator, stopped in the middle of a round and opened again: the scores of one that never stopped", async (t) => {
  const run = await evaluatedRun(t);
  for (let round = 0; round < rounds; round++) await run.play(round);
  let calls = 0;
  const breaking: LossFunction = (theta, sequences, signal) => {
    calls += 1;
    if (calls === 7) throw new Error("killed");
    return run.engineLosses(theta, sequences, signal);
  };
  const first = await run.evaluatorOf("broken", breaking);
  await first.evaluator.evaluate(0, never);
  await assert.rejects(first.evaluator.evaluate(1, never), { message: "killed" });
  first.book.close();
  const second = await run.evaluatorOf("broken");
  for (const round of [1, 2]) await second.evaluator.evaluate(round, never);
  const expected = await unbroken(run, "whole");
  assert.deepEqual(second.book.entries(0, rounds), expected.entries);
  assert.deepEqual(second.book.states(), expected.states);
});

test("RoundEvaluator, unfinished: what follows the last round evaluated, two rounds at most; nothing for a new validator", async (t) => {
  const run = await evaluatedRun(t);
  await run.play(0);
  const { evaluator } = await run.evaluatorOf("validator");
  assert.deepEqual(evaluator.unfinished(3), []);
  await evaluator.evaluate(0, never);
  assert.deepEqual(
    [1, 2, 3, 9].map((round) => evaluator.unfinished(round)),
    [[], [1], [1, 2], [7, 8]],
  );
});

test("RoundEvaluator, content that nobody serves: the update is left unread, and the log says so", async (t) => {
  const run = await evaluatedRun(t);
  await run.play(0);
  const { evaluator, updates } = await run.evaluatorOf("validator");
  const read = updates.read.bind(updates);
  updates.read = async (reveal, signal) => {
    if (reveal.neuronId === 4n) throw new ContentMissingError("CONTENT_MISSING", "nobody serves it");
    return read(reveal, signal);
  };
  const { unread, neurons } = await evaluator.evaluate(0, never);
  assert.deepEqual(unread, [{ round: 0, neuronId: 4n }]);
  assert.equal(neurons.find(({ neuronId }) => neuronId === 4n)?.losses, null);
});

test("RoundEvaluator, a reorganisation replaces the end of a round: it is evaluated anew, as by one who never saw the other chain", async (t) => {
  const evaluated = await evaluatedRun(t);
  const { chain, play, evaluatorOf } = evaluated;
  const { evaluator, follower, book } = await evaluatorOf("validator");
  for (let round = 0; round < rounds; round++) {
    await play(round);
    await evaluator.evaluate(round, never);
  }
  const [former] = book.entries(rounds - 1, rounds - 1);
  // The block whose hash draws the last round's sequences.
  chain.reorganise(1).goTo(rounds, 0).goTo(rounds, 1);
  await follower.sync(never);
  assert.equal(book.lastRound(), rounds - 2);
  assert.deepEqual(evaluator.unfinished(rounds), [rounds - 1]);
  await evaluator.evaluate(rounds - 1, never);
  assert.notEqual(book.entry(rounds - 1), former);
  const fresh = await unbroken(evaluated, "fresh");
  assert.deepEqual(book.entries(0, rounds), fresh.entries);
  assert.deepEqual(book.states(), fresh.states);
});
