import assert from "node:assert/strict";
import { test } from "node:test";
import { type SealedUpdate, unseal } from "../../../workers/node/sealing.ts";
import { unsealInThreads } from "../../../workers/node/unsealingThreads.ts";
import { never, scriptedRun } from "../../support/scriptedRun.ts";

const neuron = { neuronId: 5n, uid: 4, hotkey: `0x${"05".repeat(20)}` } as const;

async function sealedUpdate(t: Parameters<typeof scriptedRun>[0], round: number): Promise<SealedUpdate> {
  const { run, seal } = await scriptedRun(t);
  const { encrypted, content } = await seal(neuron, round);
  const { dataRoot, salt } = content;
  const { specs, manifest, manifestHash, updates } = run;
  const { chunk, topK } = manifest.compression;
  const decoding = { specs, chunk, topK, maxBytes: manifest.limits.maxUpdateBytes };
  const identity = { ...updates, neuronId: neuron.neuronId, round };
  return { encrypted, dataRoot, identity, salt, manifestHash, decoding };
}

test("unsealInThreads, valid and unusable updates at once: what unseal finds, and what was given stays", async (t) => {
  const sealed = await sealedUpdate(t, 2);
  const broken = { ...sealed, salt: sealed.dataRoot };
  const other = { ...sealed, dataRoot: sealed.salt };
  const given = [sealed, broken, other, sealed];
  const unsealed = unsealInThreads(2);
  const found = await Promise.all(given.map((each) => unsealed(each, never)));
  assert.deepEqual(found, given.map(unseal));
  assert.ok("tensors" in found[0] && found[0].tensors.length > 0);
  assert.ok("unusable" in found[1] && "unusable" in found[2]);
  assert.ok(sealed.encrypted.length > 0);
});

test("unsealInThreads, a signal that aborts before and meanwhile: its reason, and the threads work on", async (t) => {
  const sealed = await sealedUpdate(t, 2);
  const unsealed = unsealInThreads(1);
  const ended = new AbortController();
  const reason = new Error("enough");
  const waiting = unsealed(sealed, ended.signal);
  ended.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
  await assert.rejects(unsealed(sealed, ended.signal), (error) => error === reason);
  assert.deepEqual(await unsealed(sealed, never), unseal(sealed));
});
