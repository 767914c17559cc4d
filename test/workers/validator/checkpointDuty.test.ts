import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Hex, keccak256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { Journal } from "../../../workers/database/journal.ts";
import { saveWorkerState } from "../../../workers/database/workerState.ts";
import { formatEvaluationLog, type SignedCheckpoint } from "../../../workers/evaluation/evaluationLog.ts";
import type { Run } from "../../../workers/node/run.ts";
import { rootOf } from "../../../workers/node/stateContent.ts";
import {
  type Checkpoint,
  checkpointSigner,
  checkpointTypedData,
  compactSignature,
} from "../../../workers/protocol/checkpoint.ts";
import { refFor } from "../../../workers/storage/contentRef.ts";
import { CheckpointDuty } from "../../../workers/validator/checkpointDuty.ts";
import type { ScriptedNeuron } from "../../support/scriptedChain.ts";
import { never, type ScriptedRun, SleepClock, scriptedRun, valuesOf } from "../../support/scriptedRun.ts";

const machine = { provider: "cpu", engine: "test 1.0", processor: "none" };
const accounts = [1, 2, 3].map((number) => privateKeyToAccount(keccak256(toHex(`hotkey ${number}`))));

type Prepare = (run: ScriptedRun, neurons: readonly ScriptedNeuron[]) => unknown;

/** Three validators of equal stake, the first of which is under test, at the start of epoch 1. No checkpoints: 0 epochs. */
async function bench(t: TestContext, checkpointEpochs = 1, prepare: Prepare = () => undefined) {
  const scripted = await scriptedRun(t);
  const { chain, run, store, dir } = scripted;
  const { checkpointEpochs: _, ...others } = run.manifest;
  const manifest = checkpointEpochs === 0 ? others : { ...others, checkpointEpochs };
  const neurons = accounts.map(({ address }, uid) => chain.registerAs(BigInt(uid + 1), uid, 0n, address));
  chain.permit(neurons).goTo(0, 0).goTo(1, 0);
  await prepare(scripted, neurons);
  chain.goTo(2, 0).goTo(3, 5);
  const clock = new SleepClock();
  // The content's way to the disk takes real time, however busy the machine is.
  clock.onSleep = () => new Promise((resolve) => setTimeout(resolve, 5));
  const node = await scripted.node("validator", clock, { manifest });
  const [first] = neurons;
  assert.ok(first !== undefined);
  const journal = new Journal(join(dir, "journal.sqlite"), { hotkey: first.hotkey });
  t.after(() => journal.close());
  const scriptedSigning = chain.signing(first);
  const signed: unknown[] = [];
  const signer = {
    ...scriptedSigning.sender.signer,
    signTypedData(data: Parameters<(typeof scriptedSigning.sender.signer)["signTypedData"]>[0]) {
      signed.push(data.message);
      return accounts[0]!.signTypedData(data);
    },
  };
  const signing = { ...scriptedSigning, sender: { ...scriptedSigning.sender, signer } };
  const duty = new CheckpointDuty({ ...node, signing, journal });
  const identity = { chainId: chain.contracts.chainId, ledger: chain.contracts.addresses.checkpointLedger };

  /** A validator's signature of a checkpoint. */
  async function sign(index: number, checkpoint: Checkpoint): Promise<SignedCheckpoint> {
    const signature = await accounts[index]!.signTypedData(checkpointTypedData(identity, checkpoint));
    return { ...checkpoint, signature: compactSignature(signature) };
  }
  /** Publishes an evaluation log of epoch 0 with that checkpoint, and commits to it. */
  async function publish(neuron: ScriptedNeuron, checkpoint: SignedCheckpoint | null): Promise<void> {
    const { manifestHash } = run;
    const common = { version: 3, manifestHash, validator: neuron.neuronId, epoch: 0, machine } as const;
    const ref = await store.put(formatEvaluationLog({ ...common, checkpoint, rounds: [] }), {
      signal: never,
    });
    chain.mine(chain.time + 1).commitWeights(0, neuron, keccak256(neuron.hotkey), ref);
  }
  await node.follower.sync(never);
  return { ...scripted, ...node, sleeper: clock, neurons, duty, identity, sign, publish, signed, journal };
}

test("sign, the start of an epoch: content stored, journal written, a signature of the hotkey", async (t) => {
  const { duty, root, store, identity } = await bench(t);
  const signed = await duty.sign(1, never);
  assert.ok(signed !== null);
  const { signature, ...checkpoint } = signed;
  assert.deepEqual([checkpoint.round, checkpoint.stateRoot], [3, root]);
  assert.equal(await checkpointSigner(identity, checkpoint, signature), accounts[0]?.address);
  const ref = refFor(checkpoint.contentDigest, checkpoint.contentSize);
  assert.equal(await store.has(ref, { signal: never }), true);
  assert.deepEqual(await duty.sign(1, never), signed, "the same again");
});

test("sign, no checkpoint due or none in this run, nothing signed", async (t) => {
  const { duty, signed } = await bench(t, 2);
  assert.equal(await duty.sign(1, never), null);
  assert.equal(await (await bench(t, 0)).duty.sign(1, never), null);
  assert.deepEqual(signed, []);
});

test("sign, another state of the round in the journal, JOURNAL_CONFLICT before anything is signed", async (t) => {
  const { duty, signed, journal } = await bench(t);
  const other: Hex = `0x${"99".repeat(32)}`;
  journal.planCheckpoint({ round: 3, stateRoot: other, contentDigest: other, contentSize: 1 });
  await assert.rejects(duty.sign(1, never), { code: "JOURNAL_CONFLICT" });
  assert.deepEqual(signed, []);
});

test("sign, an update that nobody serves holds the state up: null in time for the weights", async (t) => {
  const { duty, chain, sleeper, signed } = await bench(t, 1, async ({ seal, publish, chain }, neurons) => {
    const [miner] = neurons.slice(-1);
    assert.ok(miner !== undefined);
    const sealed = await seal(miner, 1, { stored: false });
    publish(miner, 1, sealed);
    for (const neuron of neurons) chain.attest(1, neuron, 1n << BigInt(miner.uid));
  });
  sleeper.onSleep = () => chain.mine(chain.time + 5);
  assert.equal(await duty.sign(1, never), null);
  assert.deepEqual(signed, []);
  assert.ok(chain.time < 10_000 + 3 * 100 + 50, "half of the round is left for the weights");
});

test("submit, all three signed, the checkpoint and their signatures in one transaction", async (t) => {
  const { duty, chain, neurons, publish, sign } = await bench(t);
  const own = await duty.sign(1, never);
  assert.ok(own !== null);
  const { signature, ...checkpoint } = own;
  const signatures = [signature];
  await publish(neurons[0]!, own);
  for (const index of [1, 2]) {
    const signed = await sign(index, checkpoint);
    signatures.push(signed.signature);
    await publish(neurons[index]!, signed);
  }
  await duty.submit(0, never);
  const message = {
    ...checkpoint,
    round: BigInt(checkpoint.round),
    contentSize: BigInt(checkpoint.contentSize),
  };
  const joined = `0x${signatures.map((each) => each.slice(2)).join("")}`;
  assert.deepEqual(chain.sent, [{ action: "submitCheckpoint", args: [message, joined, []] }]);
});

test("submit, exactly two thirds, another's root, another's key or no log: nothing is sent", async (t) => {
  const { duty, chain, neurons, publish, sign } = await bench(t);
  const own = await duty.sign(1, never);
  assert.ok(own !== null);
  const { signature, ...checkpoint } = own;
  await publish(neurons[0]!, own);
  await publish(neurons[1]!, await sign(1, checkpoint));
  await duty.submit(0, never);
  await publish(neurons[2]!, await sign(2, { ...checkpoint, stateRoot: `0x${"77".repeat(32)}` }));
  await duty.submit(0, never);
  assert.deepEqual(chain.sent, []);
  // Signed by somebody else than the log's author.
  const forged = await bench(t);
  const again = await forged.duty.sign(1, never);
  assert.ok(again !== null);
  for (const neuron of forged.neurons) await forged.publish(neuron, again);
  await forged.duty.submit(0, never);
  assert.deepEqual(forged.chain.sent, []);
});

test("submit, the attested root differs because this node's state on disk is wrong: replays, goes on from there, and signs again", async (t) => {
  const bad = (run: Run) => valuesOf(run, 7);
  const prepare: Prepare = async ({ run, dir }) => {
    const saved = { round: 2, root: rootOf(run.specs, bad(run)), step: 0, groups: { theta: bad(run) } };
    await saveWorkerState(join(dir, "validator", "model"), saved);
  };
  const { duty, chain, run, root, states } = await bench(t, 1, prepare);
  assert.equal((await states.at(3, never)).root, rootOf(run.specs, bad(run)), "nobody noticed so far");
  const content = { contentDigest: root, contentSize: 4 };
  chain.mine(chain.time + 1).attestCheckpoint({ round: 3, stateRoot: root, ...content });
  await duty.submit(0, never);
  assert.deepEqual(chain.sent, []);
  assert.equal((await states.at(3, never)).root, root);
  chain.goTo(4, 0).goTo(5, 0).goTo(6, 0);
  assert.equal((await duty.sign(2, never))?.stateRoot, root);
});

test("submit, somebody has, nothing is sent; where the root differs and replay confirms one's own, it stays and nothing is signed any more", async (t) => {
  const { duty, chain, root, states, neurons, publish } = await bench(t);
  const own = await duty.sign(1, never);
  assert.ok(own !== null);
  await publish(neurons[0]!, own);
  const { signature, ...checkpoint } = own;
  chain.mine(chain.time + 1).attestCheckpoint({ ...checkpoint, stateRoot: `0x${"77".repeat(32)}` });
  await duty.submit(0, never);
  assert.equal((await states.at(3, never)).root, root);
  assert.deepEqual(chain.sent, []);
  chain.goTo(4, 0).goTo(5, 0).goTo(6, 0);
  assert.equal(await duty.sign(2, never), null);
});
