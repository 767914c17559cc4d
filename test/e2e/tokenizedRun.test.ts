import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { publishRun } from "../../scripts/deployment/publishRun.ts";
import { TokenizerError } from "../../workers/data/jsonTokenizer.ts";
import { initialState } from "../../workers/model/initialState.ts";
import { readModelFolder, writeModelFolder } from "../../workers/model/modelFolder.ts";
import { Beacons } from "../../workers/node/beacons.ts";
import { composeUpdate } from "../../workers/node/composeUpdate.ts";
import { openDataset, openRun } from "../../workers/node/run.ts";
import { openTokenizer } from "../../workers/node/runTokenizer.ts";
import { rootOf } from "../../workers/node/stateContent.ts";
import { trainRound } from "../../workers/node/trainRound.ts";
import { canonicalManifest, manifestHash, type RunManifest } from "../../workers/protocol/manifest.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import { refFromCid } from "../../workers/storage/contentRef.ts";
import type { ContentRef } from "../../workers/storage/contentStore.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { Engine } from "../../workers/training/engine.ts";
import { outerStep } from "../../workers/training/outerStep.ts";
import { zeroWorkerState } from "../../workers/training/workerState.ts";
import { endToken, trainBpe } from "../support/bpeTokenizer.ts";
import { proseOf } from "../support/prose.ts";
import { ScriptedChain } from "../support/scriptedChain.ts";
import { never, SleepClock } from "../support/scriptedRun.ts";
import { assertRefused, runScript } from "../support/spawned.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { tinyModel } from "../support/tinyModel.ts";

const dir = temporaryFolder({ after });
const tokenizerFile = join(dir, "tokenizer.json");
const text = join(dir, "texts.jsonl");
const model = join(dir, "model");
/** A sentence of characters of several bytes, so that tokens cut them. */
const sentence = "Größe zählt, 東京 nicht. ";
let store: LocalStore;
let dataset: ContentRef;

before(async () => {
  store = await LocalStore.open(join(dir, "content"));
  const texts = Array.from({ length: 400 }, (_, seed) => sentence.repeat(4) + proseOf(seed, 300));
  await writeFile(text, texts.map((each) => JSON.stringify({ text: each })).join("\n"));
  await writeFile(tokenizerFile, JSON.stringify(trainBpe(texts.slice(0, 20).join("\n"), 60)));
});

/** Publishes the texts with a tokenizer, as its user would. */
async function publishTexts(tokenizer: string): Promise<ContentRef> {
  const json = join(dir, "published.json");
  const args = ["--input", text, "--tokenizer", tokenizer, "--held-out", "0.05", "--json", json];
  const sizes = ["--store", join(dir, "content"), "--shard-tokens", "4096"];
  const { exitCode, err } = await runScript("scripts/publish/main.ts", [...args, ...sizes]);
  assert.equal(exitCode, 0, err);
  const { dataset: made } = JSON.parse(await readFile(json, "utf8"));
  return refFromCid(made.cid, made.size);
}

async function runOf(manifest: RunManifest) {
  const { digest, size } = await store.put(canonicalManifest(manifest), { signal: never });
  const chain = new ScriptedChain({ hash: manifestHash(manifest), digest, size });
  return { chain, run: await openRun(chain.contracts, store, never) };
}

/** A miner's first round, and the state that its update alone leads to. */
async function trainedOnce(manifest: RunManifest): Promise<{ theta: Tensors; losses: Float64Array }> {
  const { chain, run } = await runOf(manifest);
  const [{ neuronId }] = chain.register(1);
  const follower = chain.goTo(0, 0).follower(new SleepClock());
  await follower.sync(never);
  const sources = { run, beacons: new Beacons(run, follower), dataset: await openDataset(run, never) };
  const engine = new Engine({ model: manifest.model, training: manifest.training });
  try {
    const theta = initialState(manifest.model, 3);
    const state = { round: 0, theta, root: rootOf(run.specs, theta) };
    const before = zeroWorkerState(run.specs);
    const offer = await trainRound({ ...sources, engine }, neuronId, state, before, never);
    const { tensors } = composeUpdate(run, neuronId, state, before, offer);
    return { theta: outerStep(theta, [tensors], manifest.outer), losses: offer.losses };
  } finally {
    await engine.close();
  }
}

test("a run on a Hugging Face tokenizer: published, trained for a round, exported, and writing on from a prompt", async () => {
  dataset = await publishTexts(tokenizerFile);
  const { manifest } = await publishRun({
    store,
    data: undefined,
    dataset,
    seed: "a",
    rounds: 6,
    signal: never,
  });
  const { tokenizer } = manifest;
  assert.ok(tokenizer.kind === "json");
  assert.deepEqual(
    await store.get(refFromCid(tokenizer.cid, tokenizer.size), { maxBytes: 1e6, signal: never }),
    new Uint8Array(await readFile(tokenizerFile)),
  );
  assert.equal(manifest.model.vocab, 256 + 60 + 1);
  assert.equal(tokenizer.end, 256 + 60);

  const { theta, losses } = await trainedOnce(manifest);
  assert.ok(losses[losses.length - 1] < losses[0] - 0.5, `${losses}`);

  const { files } = await openTokenizer(manifest, store, never);
  assert.ok(files !== undefined);
  assert.equal(files.end.text, endToken);
  await writeModelFolder(model, manifest.model, theta, { tokenizer: files });
  assert.deepEqual(await readFile(join(model, "tokenizer.json")), await readFile(tokenizerFile));
  const config = JSON.parse(await readFile(join(model, "config.json"), "utf8"));
  assert.equal(config.eos_token_id, tokenizer.end);
  const settings = JSON.parse(await readFile(join(model, "tokenizer_config.json"), "utf8"));
  assert.equal(settings.eos_token, endToken);
  assert.equal((await readModelFolder(model)).end, tokenizer.end);

  const args = ["--model", model, "--prompt", "Größe", "--max-tokens", "40", "--temperature", "0.1"];
  const { exitCode, out, err } = await runScript("workers/cli/generate.ts", args);
  assert.equal(exitCode, 0, err);
  assert.ok(out.startsWith("Größe") && out.length > 10, out);
  assert.ok(!out.trimEnd().slice(0, -3).includes("\uFFFD"), out);
});

test("a run that goes on from such a model: text becomes tokens of the model's own tokenizer", async () => {
  const { manifest } = await publishRun({ store, data: text, model, seed: "a", rounds: 6, signal: never });
  const first = await publishRun({ store, data: undefined, dataset, seed: "a", rounds: 6, signal: never });
  assert.deepEqual(manifest.tokenizer, first.manifest.tokenizer);
  assert.deepEqual(manifest.model, first.manifest.model);
  const again = await publishRun({
    store,
    data: undefined,
    dataset,
    model,
    seed: "a",
    rounds: 6,
    signal: never,
  });
  assert.deepEqual(again.manifest.genesisState, manifest.genesisState);
});

test("a data set of another tokenizer than the model's, or than the run's, is refused", async () => {
  const bytes = await publishTexts("bytes");
  const published = { store, data: undefined, seed: "a", rounds: 6, signal: never };
  await assert.rejects(publishRun({ ...published, dataset: bytes, model }), TokenizerError);
  const byteModel = join(dir, "byte model");
  await writeModelFolder(byteModel, tinyModel, initialState(tinyModel, 1));
  await assert.rejects(publishRun({ ...published, dataset, model: byteModel }), TokenizerError);
  const { manifest } = await publishRun({ ...published, dataset });
  const { cid, size } = bytes;
  const { run } = await runOf({ ...manifest, dataset: { cid, size } });
  await assert.rejects(openDataset(run, never), { code: "TOKENIZER_MISMATCH" });
  const small = { ...manifest, model: { ...manifest.model, vocab: 316 } };
  await assert.rejects(openTokenizer(small, store, never), TokenizerError);
});

test("publish-dataset, a tokenizer that cannot be used or is not there, is refused", async () => {
  const given = JSON.parse(await readFile(tokenizerFile, "utf8"));
  const unknown = join(dir, "unknown.json");
  await writeFile(unknown, JSON.stringify({ ...given, model: { ...given.model, dropout: 0.5 } }));
  for (const tokenizer of [unknown, join(dir, "nowhere.json")]) {
    const args = ["--input", text, "--tokenizer", tokenizer, "--store", join(dir, "content")];
    assertRefused(await runScript("scripts/publish/main.ts", args), "TOKENIZER_INVALID");
  }
});
