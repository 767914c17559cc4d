import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  canonicalJson,
  canonicalManifest,
  checkManifest,
  ManifestError,
  manifestHash,
  parseManifest,
} from "../../../workers/protocol/manifest.ts";
import { exampleManifest } from "./exampleManifest.ts";

const encode = (text: string) => new TextEncoder().encode(text);

test("parseManifest, canonical bytes, the same manifest and hash", () => {
  const manifest = exampleManifest();
  const bytes = canonicalManifest(manifest);
  assert.deepEqual(parseManifest(bytes), manifest);
  assert.equal(manifestHash(manifest), `0x${createHash("sha256").update(bytes).digest("hex")}`);
});

test("parseManifest, overlap 0 and 1, both are taken, with hashes of their own", () => {
  const hashes = [undefined, 0, 1].map((overlap) => {
    const manifest = checkManifest({ ...exampleManifest(), ...(overlap === undefined ? {} : { overlap }) });
    assert.equal(parseManifest(canonicalManifest(manifest)).overlap, overlap);
    return manifestHash(manifest);
  });
  assert.equal(new Set(hashes).size, 3);
  assert.equal(hashes[0], manifestHash(exampleManifest()));
});

test("manifestHash, fields in another order, the same hash", () => {
  const manifest = exampleManifest();
  const reversed = Object.fromEntries(Object.entries(manifest).reverse());
  assert.equal(manifestHash(checkManifest(reversed)), manifestHash(manifest));
});

test("canonicalJson, example of RFC 8785, its bytes", () => {
  const value = { literals: [null, true, false], numbers: [1e30, 4.5, 0.002, 1e-27], "\u20ac": "\u000f\n" };
  const expected = '{"literals":[null,true,false],"numbers":[1e+30,4.5,0.002,1e-27],"\u20ac":"\\u000f\\n"}';
  assert.equal(new TextDecoder().decode(canonicalJson(value)), expected);
});

test("canonicalJson, no JSON value, NOT_JSON", () => {
  for (const value of [undefined, Number.NaN, { a: Number.POSITIVE_INFINITY }]) {
    assert.throws(() => canonicalJson(value), { code: "NOT_JSON" });
  }
});

const problems: [string, (manifest: ReturnType<typeof plain>) => unknown][] = [
  ["$", () => null],
  ["$.version", (manifest) => ({ ...manifest, version: 2 })],
  ["$.surprise", (manifest) => ({ ...manifest, surprise: 1 })],
  ["$.model.dim", (manifest) => ({ ...manifest, model: { ...manifest.model, dim: "64" } })],
  ["$.model", (manifest) => ({ ...manifest, model: { ...manifest.model, heads: 5 } })],
  ["$.model", (manifest) => ({ ...manifest, model: { ...manifest.model, kvHeads: 3 } })],
  ["$.model.vocab", (manifest) => ({ ...manifest, model: { ...manifest.model, vocab: 255 } })],
  ["$.model.vocab", (manifest) => ({ ...manifest, tokenizer: json(manifest.model.vocab) })],
  ["$.tokenizer.end", (manifest) => ({ ...manifest, tokenizer: json(-1) })],
  ["$.tokenizer.kind", (manifest) => ({ ...manifest, tokenizer: { kind: "words" } })],
  ["$.training.beta1", (manifest) => ({ ...manifest, training: { ...manifest.training, beta1: 1 } })],
  ["$.training", (manifest) => ({ ...manifest, training: { ...manifest.training, warmupSteps: 1001 } })],
  ["$.compression", (manifest) => ({ ...manifest, compression: { ...manifest.compression, topK: 4097 } })],
  [
    "$.genesisState.root",
    (manifest) => ({ ...manifest, genesisState: { ...manifest.genesisState, root: "0x" } }),
  ],
  ["$.outer.gatherSize", (manifest) => ({ ...manifest, outer: { ...manifest.outer, gatherSize: 257 } })],
  ["$.overlap", (manifest) => ({ ...manifest, overlap: 2 })],
  ["$.overlap", (manifest) => ({ ...manifest, overlap: 0.5 })],
  ["$.overlap", (manifest) => ({ ...manifest, overlap: true })],
  [
    "$.training.lateSteps",
    (manifest) => ({ ...manifest, overlap: 0, training: { ...manifest.training, lateSteps: 1 } }),
  ],
  [
    "$.training",
    (manifest) => ({ ...manifest, overlap: 1, training: { ...manifest.training, lateSteps: 10_000 } }),
  ],
  ["$.scoring.rating.mu", (manifest) => ({ ...manifest, scoring: { ...manifest.scoring, rating: {} } })],
];

function json(end: number) {
  return { kind: "json", cid: `b${"a".repeat(58)}`, size: 1, end };
}

test("checkManifest, a tokenizer whose end the model knows, passes", () => {
  const manifest = plain();
  const tokenizer = json(manifest.model.vocab - 1);
  assert.deepEqual(checkManifest({ ...manifest, tokenizer }).tokenizer, tokenizer);
});

function plain() {
  return structuredClone(exampleManifest());
}

test("checkManifest, one field wrong, ManifestError with its JSON path", () => {
  for (const [path, spoil] of problems) {
    assert.throws(
      () => checkManifest(spoil(plain())),
      (error) => {
        assert.ok(error instanceof ManifestError);
        assert.equal(error.code, "MANIFEST_INVALID");
        return assert.equal(error.data.path, path) === undefined;
      },
      path,
    );
  }
});

test("parseManifest, not JSON, not UTF-8 or not canonical, MANIFEST_INVALID at $", () => {
  const spaced = encode(JSON.stringify(exampleManifest(), null, 1));
  for (const bytes of [encode("{"), Uint8Array.of(0xff), spaced]) {
    assert.throws(() => parseManifest(bytes), { code: "MANIFEST_INVALID" });
  }
});
