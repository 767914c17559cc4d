import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keccak256, toHex } from "viem";
import {
  type EvaluationLog,
  formatEvaluationLog,
  parseRoundEntry,
} from "../../../workers/evaluation/evaluationLog.ts";
import { rowFrom } from "../../../workers/evaluation/logChecks.ts";
import type { LossFunction } from "../../../workers/evaluation/lossScore.ts";
import { ModelStates } from "../../../workers/node/modelStates.ts";
import type { NeuronId, Round } from "../../../workers/protocol/quantities.ts";
import type { ContentRef } from "../../../workers/storage/contentStore.ts";
import { bookedRounds, loggedRounds } from "../../../workers/validator/loggedRounds.ts";
import { replay } from "../../../workers/validator/replay.ts";
import { type EvaluatedRun, evaluatedRun } from "../../support/evaluatedRun.ts";
import { never, SleepClock } from "../../support/scriptedRun.ts";

const machine = { provider: "cpu", engine: "test 1.0", processor: "none" };
const tempo = 3;

interface Bench extends EvaluatedRun {
  readonly refs: readonly ContentRef[];
}

/** A log as a changed copy of another. */
type Change = (log: EvaluationLog) => EvaluationLog;
const unchanged: Change = (log) => log;

/** Two epochs are played, evaluated and published, with logs that `change` may have falsified. */
async function published(
  t: TestContext,
  change: Change = unchanged,
  losses?: (engine: LossFunction) => LossFunction,
): Promise<Bench> {
  const run = await evaluatedRun(t);
  const { chain, validator, store } = run;
  const { evaluator, book, follower } = await run.evaluatorOf("validator", losses?.(run.engineLosses));
  const refs: ContentRef[] = [];
  for (let round = 0; round <= 2 * tempo + 1; round++) {
    if (round < 2 * tempo) await run.play(round);
    else chain.goTo(round + 1, 0);
    if (round < 2 * tempo) await evaluator.evaluate(round, never);
    if (round % tempo !== tempo - 1) continue;
    const epoch = Math.floor(round / tempo);
    const rounds = book.entries(epoch * tempo, round).map(parseRoundEntry);
    const common = {
      version: 3,
      manifestHash: run.run.manifestHash,
      validator: 1n,
      epoch,
      machine,
      checkpoint: null,
    } as const;
    const log = change({ ...common, rounds });
    const ref = await store.put(formatEvaluationLog(log), { signal: never });
    refs.push(ref);
    const commitment = keccak256(toHex(`weights of ${epoch}`));
    chain.mine(chain.time + 1).commitWeights(epoch, validator, commitment, ref);
    const columns = follower.history.metagraph.uidCount();
    const { row } = rowFrom(
      evaluator.neuronStates(),
      follower.history.metagraph.occupants(round + 1),
      columns,
      run.run.manifest,
    );
    chain.mine(chain.time + 1).revealWeights(epoch, validator, row);
  }
  return { ...run, refs };
}

/** Changes one neuron's entry of one round. */
function falsified(round: Round, neuronId: NeuronId, change: (entry: Entry) => Entry): Change {
  return (log) => ({
    ...log,
    rounds: log.rounds.map((found) =>
      found.round === round
        ? { ...found, neurons: found.neurons.map((one) => (one.neuronId === neuronId ? change(one) : one)) }
        : found,
    ),
  });
}
type Entry = EvaluationLog["rounds"][number]["neurons"][number];

/** Takes content of one block out of the store. */
function forget({ dir }: EvaluatedRun, { digest }: { readonly digest: string }): Promise<void> {
  return rm(join(dir, "content", digest.slice(2, 4), `${digest.slice(2)}.raw`));
}

async function replayed(bench: EvaluatedRun, neuronId: NeuronId, round: Round, all = false) {
  const node = await bench.node(`replay ${neuronId} ${round} ${all}`, new SleepClock());
  await node.follower.sync(never);
  const { dataset, engineLosses: losses, run, auditorOf } = bench;
  const folder = join(node.folder, "states");
  const states = await ModelStates.open(
    { ...node, folder, upTo: Math.max(0, round - 1), missing: "fail" },
    never,
  );
  const logged = await loggedRounds(run, node.follower.history, 1n, round, never);
  const auditor = auditorOf({ ...node, states });
  const options = { ...node, states, validator: 1n, dataset, losses, auditor };
  return { rounds: logged, ...(await replay(options, logged, { neuronId, round, all }, never)) };
}

test("replay, every miner in rounds of two epochs: identical, and row and states follow", async (t) => {
  const bench = await published(t);
  for (const [neuronId, round] of [
    [2n, 0],
    [3n, 1],
    [5n, 2],
    [4n, 3],
    [3n, 4],
    [6n, 5],
  ] as const) {
    const { verdict, difference, continuity, row, rounds } = await replayed(bench, neuronId, round);
    const found = { verdict, difference, row, missing: rounds.missing };
    assert.deepEqual(
      found,
      { verdict: "identical", difference: undefined, row: "follows", missing: [] },
      `neuron ${neuronId} in ${round}`,
    );
    assert.equal(continuity, "follows", `neuron ${neuronId} in ${round}`);
  }
});

test("replay, everybody's losses computed again: identical", async (t) => {
  const bench = await published(t);
  assert.equal((await replayed(bench, 2n, 4, true)).verdict, "identical");
});

test("replay, a log that says another score: the first difference is there", async (t) => {
  const bench = await published(
    t,
    falsified(1, 2n, (entry) => ({ ...entry, score: entry.score + 1 })),
  );
  const { verdict, difference, rounds } = await replayed(bench, 2n, 1);
  assert.deepEqual([verdict, difference?.path], ["different", "neuron 2.score"]);
  assert.equal(difference?.logged, rounds.entry(1)?.neurons[0].score);
});

test("replay, invented losses: found where they are recomputed, and with all of them for others too", async (t) => {
  const invented = falsified(1, 4n, (entry) => ({
    ...entry,
    losses: entry.losses && { ...entry.losses, own: { before: 3, after: 2 } },
  }));
  const bench = await published(t, invented);
  const own = await replayed(bench, 4n, 1);
  assert.deepEqual([own.verdict, own.difference?.path], ["different", "neuron 4.losses.own.before"]);
  const everybody = await replayed(bench, 2n, 1, true);
  assert.deepEqual(
    [everybody.verdict, everybody.difference?.path],
    ["different", "neurons.4.losses.own.before"],
  );
});

test("replay, losses of a machine that differs in the last bits: tolerated; by more: different", async (t) => {
  const off =
    (share: number) =>
    (engine: LossFunction) =>
    async (...args: Parameters<LossFunction>) =>
      (await engine(...args)).map((loss) => loss * (1 + share));
  const close = await replayed(await published(t, unchanged, off(1e-8)), 2n, 1);
  assert.deepEqual([close.verdict, close.difference], ["tolerated", undefined]);
  const far = await replayed(await published(t, unchanged, off(1e-5)), 2n, 1);
  assert.deepEqual([far.verdict, far.difference?.path], ["different", "neuron 2.losses.own.before"]);
});

test("replay, states before a round that do not follow, or that were forgotten: different", async (t) => {
  const better = falsified(3, 5n, (entry) => ({ ...entry, before: { ...entry.before, standing: 1 } }));
  const raised = await replayed(await published(t, better), 2n, 3);
  assert.equal(raised.verdict, "different");
  assert.equal(raised.continuity, "differs");
  const forgotten: Change = (log) => ({
    ...log,
    rounds: log.rounds.map((found) => ({
      ...found,
      neurons: found.neurons.filter(({ neuronId }) => neuronId !== 5n || found.round !== 4),
    })),
  });
  const { verdict, continuity } = await replayed(await published(t, forgotten), 2n, 4);
  assert.deepEqual([verdict, continuity], ["different", "differs"]);
});

test("replay, a row that is not what the log gives: different", async (t) => {
  const worse = falsified(2, 2n, (entry) => ({ ...entry, after: { ...entry.after, standing: 0.3 } }));
  const { row, difference } = await replayed(await published(t, worse), 2n, 1);
  assert.deepEqual([row, difference?.path], ["differs", "row"]);
});

test("replay, the log of the epoch before is missing: said, and what cannot be compared is unknown", async (t) => {
  const bench = await published(t);
  await forget(bench, bench.refs[0]);
  const { verdict, continuity, rounds } = await replayed(bench, 2n, 3);
  assert.deepEqual(rounds.missing, ["EVALUATION_LOG_MISSING of epoch 0"]);
  assert.equal(continuity, "unknown");
  assert.notEqual(verdict, "different");
});

test("replay, from the validator's own database: identical", async (t) => {
  const bench = await published(t);
  const node = await bench.node("own", new SleepClock());
  await node.follower.sync(never);
  const { book } = await bench.evaluatorOf("validator");
  const { dataset, engineLosses: losses } = bench;
  const options = { ...node, validator: 1n, dataset, losses, auditor: bench.auditorOf(node) };
  const result = await replay(options, bookedRounds(book), { neuronId: 2n, round: 1, all: false }, never);
  assert.deepEqual([result.verdict, result.continuity, result.row], ["identical", "follows", "follows"]);
});

test("replay, what cannot be replayed: an error says why", async (t) => {
  const bench = await published(t);
  const refused = (code: string, neuronId: NeuronId, round: Round) =>
    assert.rejects(replayed(bench, neuronId, round), { code }, `${code}: neuron ${neuronId} in ${round}`);
  await refused("LOG_NOT_COMMITTED", 2n, 6);
  await refused("NEURON_NOT_LOGGED", 9n, 1);
  const node = await bench.node("chain", new SleepClock());
  await node.follower.sync(never);
  const [{ digest }] = node.follower.history.reveals(0);
  await forget(bench, { digest });
  await refused("CONTENT_MISSING", 4n, 1);
  await forget(bench, bench.refs[1]);
  await refused("EVALUATION_LOG_MISSING", 2n, 4);
});

test("replay, a log of another validator, or with rounds of another epoch: refused", async (t) => {
  const foreign = await published(t, (log) => ({ ...log, validator: 7n }));
  await assert.rejects(replayed(foreign, 2n, 1), { code: "EVALUATION_LOG_FOREIGN" });
  const shuffled = await published(t, (log) => ({ ...log, rounds: log.rounds.toReversed() }));
  await assert.rejects(replayed(shuffled, 2n, 1), { code: "EVALUATION_LOG_INVALID" });
  const short = await published(t, (log) => ({ ...log, rounds: log.rounds.slice(1) }));
  await assert.rejects(replayed(short, 2n, 0), { code: "ROUND_NOT_EVALUATED" });
});
