import assert from "node:assert/strict";
import { test } from "node:test";
import type { CommittedUpdate } from "../../../workers/evaluation/copies.ts";
import type { NeuronState } from "../../../workers/evaluation/neuronState.ts";
import { evaluateRound } from "../../../workers/evaluation/roundEvaluation.ts";
import type { RoundCommit, RoundInputs } from "../../../workers/evaluation/roundInputs.ts";
import { largest, quadraticLoss, randomNumbers, roundInputs, settings, zeroRoot } from "./quadraticRun.ts";

const signal = new AbortController().signal;
const root = (digit: string) => `0x${digit.repeat(64)}` as const;

function miner(uid: number) {
  return { neuronId: BigInt(uid + 1), uid, behaviour: "honest" as const };
}

/** A helpful update, different for every uid and round. */
function helpful(uid: number, round = 0): RoundCommit {
  const random = randomNumbers(uid * 31 + round * 1009 + 5);
  const gradient = Float32Array.from({ length: 4096 }, () => -random());
  const update = { tensors: [largest(gradient)], stateBefore: zeroRoot, stateAfter: root("a") };
  return { uid, neuronId: BigInt(uid + 1), blockNumber: 1n, logIndex: uid, status: "eligible", update };
}

function inputsFor(
  commits: readonly RoundCommit[],
  change: Partial<RoundInputs> = {},
  states: ReadonlyMap<bigint, NeuronState> = new Map(),
  earlier: readonly CommittedUpdate[] = [],
): RoundInputs {
  const active = [0, 1, 2, 3, 4].map(miner);
  const theta = [new Float32Array(4096)];
  const base = roundInputs({ round: 0, theta, active, commits, earlier, states, seed: 1 });
  return { ...base, ...change };
}

const evaluate = (inputs: RoundInputs) => evaluateRound(inputs, settings, quadraticLoss, signal);

test("evaluateRound, commits, states and neurons in another order: the same outcome to the last bit", async () => {
  const first = await evaluate(inputsFor([0, 1, 2, 3].map((uid) => helpful(uid))));
  const commits = [0, 1, 2, 3].map((uid) => helpful(uid, 1));
  const forward = inputsFor(commits, { round: 1 }, first.states, first.originals);
  const backward: RoundInputs = {
    ...forward,
    commits: commits.toReversed(),
    neurons: new Map([...forward.neurons].toReversed()),
    states: new Map([...first.states].toReversed()),
    earlier: first.originals.toReversed(),
    gathered: forward.gathered.toReversed(),
    sampled: forward.sampled.toReversed(),
  };
  assert.deepEqual((await evaluate(backward)).entry, (await evaluate(forward)).entry);
});

test("evaluateRound, θ: left as it was", async () => {
  const inputs = inputsFor([helpful(0), helpful(1)]);
  const before = inputs.theta.map((tensor) => tensor.slice());
  await evaluate(inputs);
  assert.deepEqual(inputs.theta, before);
});

test("evaluateRound, one of each status: its penalties, and no rating gained by any that has one", async () => {
  const commits: RoundCommit[] = [
    helpful(0),
    helpful(1),
    helpful(2),
    { ...helpful(3), status: "unrevealed", update: undefined },
    { ...helpful(4), status: "invalid", update: undefined },
  ];
  const { entry } = await evaluate(inputsFor(commits));
  assert.deepEqual(
    entry.neurons.map(({ status, penalties }) => [status, ...penalties.map(({ reason }) => reason)]),
    [["eligible"], ["eligible"], ["eligible"], ["unrevealed", "missing"], ["invalid", "invalid"]],
  );
  for (const { before, after, penalties, uid } of entry.neurons) {
    if (penalties.length > 0) assert.ok(after.rating.mu <= before.rating.mu, `uid ${uid}`);
  }
});

test("evaluateRound, fewer than half of the commits eligible: absence costs nothing", async () => {
  const absent = (uid: number): RoundCommit => ({ ...helpful(uid), status: "ineligible" });
  const { entry, states } = await evaluate(inputsFor([helpful(0), absent(1), absent(2)]));
  assert.equal(entry.networkFault, true);
  assert.deepEqual(
    [...states.values()].map(({ standing }) => standing),
    [1, 1, 1],
  );
  const half = await evaluate(inputsFor([helpful(0), absent(1)]));
  assert.equal(half.entry.networkFault, false);
  assert.equal(half.states.get(2n)?.standing, 0.75);
});

test("evaluateRound, not sampled: fast checks only, nothing changes for a good update", async () => {
  const { entry, states } = await evaluate(
    inputsFor([helpful(0), helpful(1), helpful(2)], { sampled: [0, 1] }),
  );
  assert.equal(entry.neurons[2].losses, null);
  assert.deepEqual(entry.neurons[2].after, { ...entry.neurons[2].before, stateAfter: root("a") });
  assert.equal(states.get(3n)?.evaluations, 0);
  assert.equal(states.get(3n)?.lastEvaluated, null);
});

test("evaluateRound, a uid that changed hands: the newcomer starts afresh, the old state is gone", async () => {
  const first = await evaluate(inputsFor([helpful(0), helpful(1), helpful(2)]));
  const neurons = new Map([
    [1n, 0],
    [2n, 1],
    [77n, 2],
  ]);
  const commits = [helpful(0, 1), helpful(1, 1), { ...helpful(2, 1), neuronId: 77n }];
  const { states } = await evaluate(inputsFor(commits, { round: 1, neurons }, first.states, first.originals));
  assert.deepEqual([...states.keys()], [1n, 2n, 77n]);
  assert.equal(states.get(77n)?.evaluations, 1);
});

test("evaluateRound, worker state roots: chained or reset once an epoch, else a penalty", async () => {
  const reasons = async (stateBefore: `0x${string}`, state: Partial<NeuronState>) => {
    const first = await evaluate(inputsFor([helpful(0), helpful(1), helpful(2)]));
    const known = first.states.get(1n);
    const commit = helpful(0, 1);
    assert.ok(known !== undefined && commit.update !== undefined);
    const changed = { ...commit, update: { ...commit.update, stateBefore } };
    const states = new Map(first.states).set(1n, { ...known, ...state });
    const outcome = await evaluate(
      inputsFor([changed, helpful(1, 1), helpful(2, 1)], { round: 1 }, states, first.originals),
    );
    return {
      reasons: outcome.entry.neurons[0].penalties.map(({ reason }) => reason),
      resetEpoch: outcome.states.get(1n)?.resetEpoch,
    };
  };
  assert.deepEqual(await reasons(root("a"), {}), { reasons: [], resetEpoch: null });
  assert.deepEqual(await reasons(root("b"), {}), { reasons: ["brokenState"], resetEpoch: null });
  assert.deepEqual(await reasons(root("b"), { stateAfter: null }), { reasons: [], resetEpoch: null });
  assert.deepEqual(await reasons(zeroRoot, {}), { reasons: [], resetEpoch: 0 });
  assert.deepEqual(await reasons(zeroRoot, { resetEpoch: 0 }), { reasons: ["brokenState"], resetEpoch: 0 });
});

test("evaluateRound, silent for long: the score falls to 0 and the matches go on without it", async () => {
  let { states, originals } = await evaluate(inputsFor([0, 1, 2].map((uid) => helpful(uid))));
  let last: NeuronState | undefined;
  for (let round = 1; round <= 10; round++) {
    const commits = [1, 2].map((uid) => helpful(uid, round));
    const before = states.get(1n);
    ({ states, originals } = await evaluate(inputsFor(commits, { round }, states, originals)));
    last = states.get(1n);
    if (round > 8) assert.deepEqual(last?.rating, before?.rating, `round ${round}`);
  }
  assert.ok(last !== undefined && last.standing < 0.1);
  assert.equal(last.missedInRow, 10);
});
