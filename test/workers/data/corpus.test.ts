import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, it } from "node:test";
import { heldOutPackages, readDefaultCorpus, trainingPackages } from "../../../workers/data/corpus.ts";
import { type Corpus, type Document, textBytes } from "../../../workers/data/documents.ts";
import { dropNearDuplicates, leakShare, sharedShares } from "../../../workers/data/duplicates.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const root = path.join(import.meta.dirname, "../../..");
const signal = new AbortController().signal;
let corpus: Corpus;

before(async () => {
  corpus = await readDefaultCorpus(root, signal);
});

function digestOf(documents: readonly Document[]): string {
  const hash = createHash("sha256");
  for (const document of documents) hash.update(`${document.path}\0`).update(document.text);
  return hash.digest("hex");
}

it("readDefaultCorpus, the installed packages, holds 3 to 6.5 MB in three languages", () => {
  const bytes = textBytes(corpus.training) + textBytes(corpus.heldOut);
  assert.ok(textBytes(corpus.training) >= 3e6 && bytes <= 6.5e6, `${bytes} bytes`);
  assert.ok(textBytes(corpus.heldOut) >= 200_000, `${textBytes(corpus.heldOut)} held out`);
  for (const ending of [".sol", ".ts", ".md"])
    assert.ok(
      corpus.training.some((document) => document.path.endsWith(ending)),
      ending,
    );
});

it("readDefaultCorpus, twice, gives the same bytes in the same order", async () => {
  const again = await readDefaultCorpus(root, signal);
  assert.equal(digestOf(again.training), digestOf(corpus.training));
  assert.equal(digestOf(again.heldOut), digestOf(corpus.heldOut));
});

it("readDefaultCorpus, training and held-out part, share no package and at most 30 % of any file", () => {
  const trained = new Set(corpus.training.map((document) => document.group));
  for (const { group } of corpus.heldOut) assert.equal(trained.has(group), false, group);
  const shares = sharedShares(corpus.heldOut, corpus.training);
  for (const [index, share] of shares.entries())
    assert.ok(share <= leakShare, `${corpus.heldOut[index].path}: ${share}`);
});

it("readDefaultCorpus, its documents, are distinct text without declarations or zero bytes", () => {
  const documents = [...corpus.training, ...corpus.heldOut];
  assert.equal(new Set(documents.map((document) => document.path)).size, documents.length);
  for (const document of documents) {
    assert.ok(!document.path.endsWith(".d.ts"), document.path);
    assert.equal(document.text.includes(0), false, document.path);
  }
  const inPathOrder = corpus.training.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  assert.equal(dropNearDuplicates(inPathOrder).length, corpus.training.length);
});

it("readDefaultCorpus, its packages, are pinned in the lockfile for every platform", () => {
  const lockfile = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8"));
  for (const { name } of [...trainingPackages, ...heldOutPackages]) {
    const entry = lockfile.packages[`node_modules/${name}`];
    assert.ok(entry?.integrity, name);
    assert.deepEqual([entry.optional, entry.os, entry.cpu], [undefined, undefined, undefined], name);
  }
});

it("readDefaultCorpus, nothing installed, is DATA_PACKAGE_MISSING", async (test) => {
  await assert.rejects(
    readDefaultCorpus(temporaryFolder(test), signal),
    (error) => error instanceof FatalError && error.code === "DATA_PACKAGE_MISSING",
  );
});
