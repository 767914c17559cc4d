import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type PublishRunOptions, publishRun } from "../../../scripts/deployment/publishRun.ts";
import { initialState } from "../../../workers/model/initialState.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { writeModelFolder } from "../../../workers/model/modelFolder.ts";
import { rootOf } from "../../../workers/node/stateContent.ts";
import { ManifestError, manifestHash, parseManifest } from "../../../workers/protocol/manifest.ts";
import { refFromCid } from "../../../workers/storage/contentRef.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { proseOf } from "../../support/prose.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { tinyModel } from "../../support/tinyModel.ts";

const { signal } = new AbortController();

/** Publishes into a store of its own. */
async function publish(t: TestContext, change: Partial<PublishRunOptions> = {}) {
  const dir = temporaryFolder(t);
  const store = await LocalStore.open(join(dir, "content"));
  const data = join(dir, "text.txt");
  writeFileSync(data, Array.from({ length: 40 }, (_, seed) => proseOf(seed, 2_000)).join("\n"));
  const run = await publishRun({ store, data, seed: "a", rounds: 6, signal, ...change });
  return { store, run };
}

test("publishRun, the same text and seed twice: the same run; another seed: another θ_0 alone", async (t) => {
  const [{ run: first, store }, { run: second }] = [await publish(t), await publish(t)];
  assert.equal(second.manifestHash, first.manifestHash);
  const { run: other } = await publish(t, { seed: "b" });
  assert.notEqual(other.manifest.genesisState.root, first.manifest.genesisState.root);
  assert.deepEqual({ ...other.manifest, genesisState: 0 }, { ...first.manifest, genesisState: 0 });
  const bytes = await store.get(first.manifestRef, { maxBytes: 1 << 20, signal });
  assert.equal(manifestHash(parseManifest(bytes)), first.manifestHash);
  assert.equal(first.manifest.genesisState.size, 4 * first.parameters);
});

test("publishRun, overlap 1: in the manifest; 0: the manifest without; 2: MANIFEST_INVALID at $.overlap", async (t) => {
  const { run: plain } = await publish(t);
  const { run: none } = await publish(t, { overlap: 0 });
  assert.equal(none.manifestHash, plain.manifestHash);
  const { run } = await publish(t, { overlap: 1 });
  assert.deepEqual(run.manifest, { ...plain.manifest, overlap: 1 });
  await assert.rejects(publish(t, { overlap: 2 }), (error) => {
    assert.ok(error instanceof ManifestError);
    assert.deepEqual([error.code, error.data.path], ["MANIFEST_INVALID", "$.overlap"]);
    return true;
  });
});

test("publishRun, a model folder: its parameters are θ_0 and its size the run's", async (t) => {
  const folder = join(temporaryFolder(t), "model");
  const model = { ...tinyModel, vocab: 300, sequenceLength: 32 };
  const theta = initialState(model, 9);
  await writeModelFolder(folder, model, theta);
  const { run, store } = await publish(t, { model: folder });
  assert.deepEqual(run.manifest.model, model);
  assert.equal(run.manifest.genesisState.root, rootOf(parameterLayout(model), theta));
  const { cid, size } = run.manifest.genesisState;
  assert.equal(
    (await store.get(refFromCid(cid, size), { maxBytes: size, signal })).length,
    4 * run.parameters,
  );
});

test("publishRun, a model with fewer tokens than bytes: refused", async (t) => {
  const folder = join(temporaryFolder(t), "model");
  const model = { ...tinyModel, vocab: 255 };
  await writeModelFolder(folder, model, initialState(model, 9));
  await assert.rejects(
    publish(t, { model: folder }),
    (error) => error instanceof ManifestError && error.data.path === "$.model.vocab",
  );
});

test("publishRun, few and many miners: seats for all, up to what one machine keeps up with", async (t) => {
  const seats = async (miners: number) => {
    const { outer, scoring } = (await publish(t, { miners })).run.manifest;
    return [outer.gatherSize, scoring.sampleSize];
  };
  assert.deepEqual(await seats(1), [4, 6]);
  assert.deepEqual(await seats(6), [6, 8]);
  assert.deepEqual(await seats(50), [20, 20]);
});

test("publishRun, data that is missing, empty, binary or too small: its code", async (t) => {
  const dir = temporaryFolder(t);
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const cases: readonly (readonly [string, string])[] = [
    [join(dir, "nowhere"), "DATA_NOT_FOUND"],
    [file("empty.txt", ""), "DATA_EMPTY"],
    [file("binary.txt", new Uint8Array(100_000)), "DATA_BINARY"],
    [file("small.txt", proseOf(1, 500)), "DATA_TOO_SMALL"],
  ];
  for (const [data, code] of cases) await assert.rejects(publish(t, { data }), { code }, data);
});
