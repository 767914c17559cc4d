import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Hex } from "viem";
import { EvaluationBook } from "../../../workers/database/evaluationBook.ts";
import { Journal } from "../../../workers/database/journal.ts";
import { formatRoundEntry, parseEvaluationLog } from "../../../workers/evaluation/evaluationLog.ts";
import { formatNeuronState, newNeuronState } from "../../../workers/evaluation/neuronState.ts";
import { openDataset } from "../../../workers/node/run.ts";
import { weightsCommitment } from "../../../workers/protocol/commitment.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { refFor } from "../../../workers/storage/contentRef.ts";
import { RoundEvaluator } from "../../../workers/validator/roundEvaluator.ts";
import { WeightsDuty } from "../../../workers/validator/weightsDuty.ts";
import { never, SleepClock, scriptedRun } from "../../support/scriptedRun.ts";

const machine = { provider: "cpu", engine: "test 1.0", processor: "none" };
const salt: Hex = `0x${"5a".repeat(32)}`;
const checkpoint = {
  round: 3,
  stateRoot: salt,
  contentDigest: salt,
  contentSize: 7,
  signature: `0x${"c4".repeat(64)}`,
} as const;

async function bench(t: TestContext) {
  const scripted = await scriptedRun(t);
  const { chain, run, dir } = scripted;
  const [validator, , miner] = chain.register(3);
  const node = await scripted.node("validator", new SleepClock());
  const folder = join(dir, "validator");
  const book = new EvaluationBook(join(folder, "evaluations.sqlite"));
  let journal = new Journal(join(folder, "journal.sqlite"), { hotkey: validator.hotkey });
  t.after(() => {
    journal.close();
    book.close();
  });
  const dataset = await openDataset(run, never);
  const losses = () => assert.fail("nothing is evaluated here");
  const common = { ...node, validator: validator.neuronId, book };
  const evaluator = new RoundEvaluator({
    ...common,
    dataset,
    losses,
    auditor: { findings: async () => new Map() },
  });
  const open = () =>
    new WeightsDuty({
      ...common,
      evaluator,
      journal,
      signing: chain.signing(validator),
      randomSalt: () => salt,
      machine,
      checkpointDuty: { sign: async () => checkpoint },
      folder,
    });
  /** Writes a round into the book in which the miner did well. */
  function evaluated(round: number) {
    const state = {
      ...newNeuronState(miner.neuronId, run.manifest.scoring.rating),
      rating: { mu: 40, sigma: 2 },
      computation: 0.9,
      evaluations: 3,
      recent: [true, true, true],
    };
    const entry = {
      round,
      parentRoot: salt,
      sampled: [2],
      negativeUpTo: 0,
      networkFault: false,
      unread: [],
      neurons: [],
    };
    book.record(round, formatRoundEntry(entry), [
      { neuronId: miner.neuronId, text: formatNeuronState(state) },
    ]);
  }
  /** Opens the journal again, as after a crash. */
  function restart(): WeightsDuty {
    journal.close();
    journal = new Journal(join(folder, "journal.sqlite"), { hotkey: validator.hotkey });
    return open();
  }
  chain.goTo(3, 5);
  await node.follower.sync(never);
  return {
    ...scripted,
    ...node,
    folder,
    validator,
    evaluated,
    restart,
    duty: open(),
    journal: () => journal,
  };
}

test("WeightsDuty, nothing evaluated in the epoch: commits nothing", async (t) => {
  const { chain, duty, evaluated } = await bench(t);
  evaluated(3);
  await duty.commit(0, never);
  await duty.reveal(0, never);
  assert.deepEqual(chain.sent, []);
});

test("WeightsDuty, an evaluated epoch: the row in the journal first, the log published with the reveal alone", async (t) => {
  const { chain, run, duty, store, evaluated, journal, validator, rows } = await bench(t);
  evaluated(1);
  chain.answer = ({ action }) => {
    assert.equal(journal().weights(0)?.status, action === "commitWeights" ? "planned" : "committed");
  };
  await duty.commit(0, never);
  const entry = journal().weights(0);
  assert.ok(entry !== undefined);
  assert.equal(entry.row, "0x00000000ffff");
  const whole = { ...run.weights, neuronId: validator.neuronId, epoch: 0 };
  const { digest, size } = entry.log;
  assert.deepEqual(chain.sent, [
    { action: "commitWeights", args: [0n, weightsCommitment(whole, entry.row, salt), digest, BigInt(size)] },
  ]);
  const log = refFor(digest, size);
  assert.equal(await store.has(log, { signal: never }), false, "readers of the log could work out the row");

  await duty.reveal(0, never);
  assert.deepEqual(chain.sent[1], { action: "revealWeights", args: [0n, entry.row, salt] });
  const {
    epoch,
    validator: author,
    rounds,
    checkpoint: signed,
  } = parseEvaluationLog(await store.get(log, { maxBytes: size, signal: never }));
  assert.deepEqual(signed, checkpoint);
  const latencies = rows.filter(({ type }) => type === "latency");
  // The bench stands 5 seconds into the window of commits; reveals are due a round later.
  assert.deepEqual(latencies, [
    { type: "latency", duty: "commitWeights", epoch: 0, latencySeconds: 5 },
    { type: "latency", duty: "revealWeights", epoch: 0, latencySeconds: 0 },
  ]);
  assert.deepEqual([epoch, author, rounds.map(({ round }) => round)], [0, validator.neuronId, [1]]);
  assert.equal(journal().weights(0)?.status, "revealed");
});

test("WeightsDuty, a crash before the commit was sent: the same row afterwards, whatever was scored since", async (t) => {
  const { chain, duty, evaluated, restart, journal } = await bench(t);
  evaluated(1);
  chain.answer = () => {
    throw new FatalError("CRASH", "before it was sent");
  };
  await assert.rejects(duty.commit(0, never), { code: "CRASH" });
  const planned = journal().weights(0);
  evaluated(2);
  chain.answer = () => undefined;
  await restart().commit(0, never);
  assert.equal(chain.sent[0].args[1], planned?.commitment);
});

test("WeightsDuty, a crash after the commit got on chain: no second commit, and the reveal", async (t) => {
  const { chain, follower, duty, evaluated, restart, validator } = await bench(t);
  evaluated(1);
  chain.answer = ({ args }) => {
    chain.mine(chain.time + 1).commitWeights(0, validator, args[1] as Hex);
    throw new FatalError("CRASH", "before the journal knew");
  };
  await assert.rejects(duty.commit(0, never), { code: "CRASH" });
  chain.answer = () => undefined;
  chain.goTo(4, 5);
  await follower.sync(never);
  const again = restart();
  await again.commit(0, never);
  await again.reveal(0, never);
  assert.deepEqual(
    chain.sent.map(({ action }) => action),
    ["revealWeights"],
  );
});

test("WeightsDuty, the evaluation log is gone from the folder: the row is revealed all the same", async (t) => {
  const { chain, folder, duty, evaluated, journal } = await bench(t);
  evaluated(1);
  await duty.commit(0, never);
  await rm(join(folder, "logs"), { recursive: true });
  await duty.reveal(0, never);
  assert.equal(chain.sent[1]?.action, "revealWeights");
  assert.equal(journal().weights(0)?.status, "revealed");
});

test("WeightsDuty, a reorganisation takes commitment or row back: the same again, and once", async (t) => {
  const { chain, duty, follower, evaluated, validator } = await bench(t);
  evaluated(1);
  chain.answer = ({ action, args }) => {
    if (action === "commitWeights") chain.commitWeights(0, validator, args[1] as Hex);
    else chain.revealWeights(0, validator, args[1] as Hex);
  };
  const twice = async (work: () => Promise<void>) => {
    for (const vanishes of [true, false]) {
      await work();
      await follower.sync(never);
      await work();
      if (vanishes)
        chain
          .reorganise(1)
          .mine(chain.time + 1)
          .mine(chain.time + 1);
      await follower.sync(never);
    }
  };
  await twice(() => duty.commit(0, never));
  chain.goTo(4, 5);
  await twice(() => duty.reveal(0, never));
  const actions = chain.sent.map(({ action }) => action);
  assert.deepEqual(actions, ["commitWeights", "commitWeights", "revealWeights", "revealWeights"]);
  assert.deepEqual(chain.sent[0], chain.sent[1]);
  assert.deepEqual(chain.sent[2], chain.sent[3]);
});
