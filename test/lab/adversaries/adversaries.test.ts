import assert from "node:assert/strict";
import { test } from "node:test";
import { Copycat, type CopycatSources } from "../../../lab/adversaries/copycat.ts";
import { Noise } from "../../../lab/adversaries/noise.ts";
import { adversaryNames, adversaryPolicy } from "../../../lab/adversaries/registry.ts";
import { overlap } from "../../../workers/codec/overlap.ts";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import { encodeUpdate } from "../../../workers/codec/update.ts";
import type { RoundWork } from "../../../workers/miner/updatePolicy.ts";
import { RetryableError } from "../../../workers/protocol/errors.ts";
import type { RevealedUpdate } from "../../../workers/protocol/roundHistory.ts";
import { parameterCount } from "../../../workers/protocol/tensors.ts";
import { zeroWorkerState } from "../../../workers/training/workerState.ts";

const specs = [
  { name: "embedding", shape: [64, 64] },
  { name: "gain", shape: [64] },
];
const zero = `0x${"00".repeat(32)}` as const;
const codec = { topK: 64, chunk: 4096 };
const signal = new AbortController().signal;

function work(round: number): RoundWork {
  const theta = specs.map(({ shape }) => new Float32Array(shape.reduce((size, extent) => size * extent, 1)));
  return { state: { round, theta, root: zero }, workerState: zeroWorkerState(specs) };
}

function header(neuronId: bigint, round: number) {
  return { manifestHash: zero, round, neuronId, parentRoot: zero, stateBefore: zero, stateAfter: zero };
}

function revealOf(neuronId: bigint, round: number): RevealedUpdate {
  const at = { blockNumber: 1n, logIndex: Number(neuronId), time: 0 };
  const content = { digest: zero, size: 1, dataRoot: zero, salt: zero, hotkey: zero };
  return { ...content, round, neuronId, uid: Number(neuronId), committedAt: at, revealedAt: at };
}

/** An update of neuron 5, as decoders see it. */
async function honestTensors(): Promise<SparseTensor[]> {
  const { values } = await new Noise({ neuronId: 5n, specs, magnitude: 0.01 }).offer(work(3));
  return encodeUpdate(header(5n, 3), specs, values, codec).tensors;
}

function sources(tensors: readonly SparseTensor[], change: Partial<CopycatSources> = {}): CopycatSources {
  return {
    neuronId: 2n,
    specs,
    reveals: (round) => [revealOf(2n, round), revealOf(4n, round), revealOf(5n, round)],
    read: async ({ neuronId, round }) => {
      if (neuronId !== 5n) throw new RetryableError("CONTENT_MISSING", "not served");
      return { header: header(neuronId, round), tensors };
    },
    ...change,
  };
}

test("Copycat, updates of others in the round before: one of them, the same once encoded", async () => {
  const tensors = await honestTensors();
  const offer = await new Copycat(sources(tensors)).offer(work(4), signal);
  assert.ok(offer !== undefined);
  const sold = encodeUpdate(header(2n, 4), specs, offer.values, codec).tensors;
  assert.equal(overlap(sold, tensors), 1);
});

test("Copycat, nothing to copy: sits the round out", async () => {
  const tensors = await honestTensors();
  const own = sources(tensors, { reveals: (round) => [revealOf(2n, round)] });
  assert.equal(await new Copycat(sources(tensors)).offer(work(0), signal), undefined);
  assert.equal(await new Copycat(own).offer(work(4), signal), undefined);
});

test("Copycat, stopped while it reads: the signal's reason, not another update", async () => {
  const controller = new AbortController();
  const stopping = sources([], {
    read: async () => {
      controller.abort(new RetryableError("STOPPED", "stopped"));
      throw new RetryableError("CONTENT_MISSING", "not served");
    },
  });
  await assert.rejects(new Copycat(stopping).offer(work(4), controller.signal), { code: "STOPPED" });
});

test("Noise, a round: finite values of every tensor's shape, the same when repeated, others elsewhere", async () => {
  const settings = { neuronId: 3n, specs, magnitude: 0.02 };
  const { values } = await new Noise(settings).offer(work(1));
  assert.equal(
    values.reduce((count, tensor) => count + tensor.length, 0),
    parameterCount(specs),
  );
  for (const tensor of values) assert.ok(tensor.every((value) => Math.abs(value) <= 0.02));
  assert.deepEqual((await new Noise(settings).offer(work(1))).values, values);
  assert.notDeepEqual((await new Noise(settings).offer(work(2))).values, values);
  assert.notDeepEqual((await new Noise({ ...settings, neuronId: 4n }).offer(work(1))).values, values);
});

test("adversaryPolicy, known names and an unknown one: a maker, or an error that lists the known", () => {
  assert.deepEqual(adversaryNames(), ["audit-forger", "copycat", "noise"]);
  for (const name of adversaryNames()) assert.equal(typeof adversaryPolicy(name), "function");
  assert.throws(() => adversaryPolicy("angel"), {
    code: "UNKNOWN_ADVERSARY",
    data: { name: "angel", known: adversaryNames() },
  });
});
