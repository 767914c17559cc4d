import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keccak256, toHex } from "viem";
import { adversaryPolicy } from "../../../lab/adversaries/registry.ts";
import { DatasetReader } from "../../../workers/data/datasetReader.ts";
import { EvaluationBook } from "../../../workers/database/evaluationBook.ts";
import type { RoundEntry } from "../../../workers/evaluation/evaluationLog.ts";
import { scoreOf } from "../../../workers/evaluation/score.ts";
import { composeUpdate } from "../../../workers/miner/composeUpdate.ts";
import { TrainingPolicy } from "../../../workers/miner/trainingPolicy.ts";
import { sealUpdate } from "../../../workers/node/updateReader.ts";
import type { NeuronId, Uid } from "../../../workers/protocol/quantities.ts";
import { refFromCid } from "../../../workers/storage/contentRef.ts";
import { Engine } from "../../../workers/training/engine.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";
import { RoundEvaluator } from "../../../workers/validator/roundEvaluator.ts";
import { never, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

/** Who plays: neuron 1 validates. What each does is known to this test alone. */
const behaviours: ReadonlyMap<NeuronId, string> = new Map([
  [2n, "honest"],
  [3n, "copycat"],
  [4n, "honest"],
  [5n, "noise"],
  [6n, "honest"],
]);
const rounds = 3;

/** Real updates of every player for three rounds, evaluated by one validator; neuron i holds `uids[i - 1]`; rounds `left` out are not evaluated. */
async function evaluated(t: TestContext, uids: readonly Uid[], left: readonly number[] = []) {
  const { chain, run, store, dir, node } = await scriptedRun(t);
  const neurons = uids.map((uid, index) => ({ neuronId: BigInt(index + 1), uid }));
  const registered = neurons
    .toSorted((a, b) => a.uid - b.uid)
    .map(({ neuronId, uid }) => chain.registerAs(neuronId, uid));
  const [validator, ...miners] = registered.toSorted((a, b) => Number(a.neuronId - b.neuronId));
  chain.permit([validator]);
  const parts = await node("validator", new SleepClock());
  const { model, training, dataset: data } = run.manifest;
  const engine = new Engine({ model, training });
  const dataset = await DatasetReader.open(refFromCid(data.cid, data.size), store, { signal: never });
  const book = new EvaluationBook(join(dir, "validator", "evaluations.sqlite"));
  t.after(async () => {
    book.close();
    await engine.close();
  });
  const evaluator = new RoundEvaluator({
    ...parts,
    validator: validator.neuronId,
    book,
    dataset,
    losses: (theta, sequences, signal) => engine.sequenceLosses(theta, sequences, { signal }),
  });
  const players = miners.map((neuron) => {
    const behaviour = behaviours.get(neuron.neuronId) ?? "";
    const context = { run, neuronId: neuron.neuronId, follower: parts.follower, updates: parts.updates };
    const policy =
      behaviour === "honest"
        ? new TrainingPolicy({ context, beacons: parts.beacons, dataset, engine })
        : adversaryPolicy(behaviour)(context);
    return { neuron, policy, workerState: zeroWorkerState(run.specs) };
  });
  const entries: RoundEntry[] = [];
  for (let round = 0; round < rounds; round++) {
    chain.goTo(round, 0);
    const state = await parts.states.at(round, never);
    for (const player of players) {
      const { neuron, policy, workerState } = player;
      const offer = await policy.offer({ state, workerState }, never);
      if (offer === undefined) continue;
      const { bytes, after } = composeUpdate(run, neuron.neuronId, state, workerState, offer);
      player.workerState = after;
      const salt = keccak256(toHex(`salt ${neuron.neuronId} ${round}`));
      const { encrypted, dataRoot } = sealUpdate(run, bytes, neuron.neuronId, round, salt);
      const { digest, size } = await store.put(encrypted, { signal: never });
      const content = { digest, size, dataRoot, salt };
      // A block of its own: what was read of the chain so far does not change.
      chain
        .mine(chain.time + 1)
        .commit(round, neuron, content)
        .reveal(round, neuron, content);
    }
    chain
      .goTo(round, 85)
      .attest(round, validator, 2n ** 6n - 1n)
      .goTo(round + 1, 0);
    if (left.includes(round)) continue;
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
