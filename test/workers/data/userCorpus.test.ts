import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { it } from "node:test";
import { type Corpus, textBytes } from "../../../workers/data/documents.ts";
import { readUserCorpus } from "../../../workers/data/userCorpus.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { proseOf } from "../../support/prose.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = new AbortController().signal;

function write(folder: string, files: Record<string, string | Uint8Array>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

function read(location: string, minBytes = 1000, maxBytes?: number): Promise<Corpus> {
  return readUserCorpus(location, { minBytes, maxBytes, signal });
}

const isFatal = (code: string) => (error: unknown) =>
  error instanceof FatalError && error.code === code && error.hint !== undefined;
const pathsOf = (corpus: Corpus) => [...corpus.training, ...corpus.heldOut].map(({ path }) => path).sort();

it("readUserCorpus, a folder of folders, takes text alone and keeps top-level folders whole", async (test) => {
  const files: Record<string, string | Uint8Array> = {
    "picture.png": Uint8Array.of(137, 80, 78, 71, 0, 1),
    "binary.txt": Uint8Array.of(1, 0, 2),
    "latin1.txt": Uint8Array.of(0x63, 0xe9),
    ".hidden.txt": proseOf(90, 2000),
    "node_modules/x.md": proseOf(91, 2000),
    "empty.md": "",
  };
  for (let group = 0; group < 8; group++)
    for (const [index, ending] of ["txt", "md", "sol"].entries())
      files[`g${group}/deep/${index}.${ending}`] = proseOf(10 * group + index + 1, 3000);
  const folder = write(temporaryFolder(test), files);
  symlinkSync(folder, path.join(folder, "loop"));
  const corpus = await read(folder);
  assert.equal(pathsOf(corpus).length, 24);
  const trained = new Set(corpus.training.map(({ group }) => group));
  for (const { group } of corpus.heldOut) assert.equal(trained.has(group), false, group);
  assert.ok(textBytes(corpus.heldOut) >= 0.05 * 24 * 3000);
  assert.deepEqual(await read(folder), corpus);
});

it("readUserCorpus, one file, holds out its end and loses nothing", async (test) => {
  const folder = write(temporaryFolder(test), { "book.txt": proseOf(4, 400_000) });
  const corpus = await read(path.join(folder, "book.txt"));
  assert.deepEqual(corpus.dropped, { duplicates: 0, leaks: 0 });
  const bytes = textBytes(corpus.training) + textBytes(corpus.heldOut);
  assert.ok(Math.abs(bytes - 400_000) <= 2, `${bytes}`);
  const share = textBytes(corpus.heldOut) / bytes;
  assert.ok(share >= 0.05 && share < 0.12, `${share}`);
});

it("readUserCorpus, one file without an ending, is read as text", async (test) => {
  const folder = write(temporaryFolder(test), { NOTES: proseOf(4, 100_000) });
  assert.ok(textBytes((await read(path.join(folder, "NOTES"))).training) > 50_000);
});

it("readUserCorpus, JSON lines, gives the text fields and passes over lines without one", async (test) => {
  const lines = Array.from({ length: 40 }, (_, index) =>
    JSON.stringify({ text: proseOf(index + 1, 1000), id: index }),
  );
  lines.splice(3, 0, "not json", '{"body":"x"}', "[1]", '{"text":5}', "null", "");
  const folder = write(temporaryFolder(test), { "data.jsonl": lines.join("\n") });
  const corpus = await read(path.join(folder, "data.jsonl"));
  assert.equal(corpus.training.length + corpus.heldOut.length, 40);
  assert.ok(corpus.heldOut.length >= 2);
});

it("readUserCorpus, Windows line ends and a byte-order mark, are normalized", async (test) => {
  const text = proseOf(4, 50_000);
  const folder = write(temporaryFolder(test), { "a.txt": `\uFEFF${text.replaceAll("\n", "\r\n")}` });
  for (const { text: bytes } of (await read(folder)).training) assert.equal(bytes.includes(0x0d), false);
});

it("readUserCorpus, copies of a file, keeps one", async (test) => {
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`${index}.txt`, proseOf(index, 3000)]),
  );
  const folder = write(temporaryFolder(test), { ...files, "copy/3.md": files["3.txt"] });
  const corpus = await read(folder);
  assert.equal(corpus.dropped.duplicates, 1);
  assert.equal(pathsOf(corpus).length, 9);
});

it("readUserCorpus, a folder above maxBytes, reads whole lines up to it", async (test) => {
  const folder = write(temporaryFolder(test), { "a.txt": proseOf(1, 90_000), "b.txt": proseOf(2, 90_000) });
  const corpus = await read(folder, 1000, 100_000);
  const bytes = textBytes(corpus.training) + textBytes(corpus.heldOut);
  assert.ok(bytes > 95_000 && bytes <= 100_001, `${bytes}`);
});

it("readUserCorpus, nothing usable, names what is wrong", async (test) => {
  const folder = write(temporaryFolder(test), {
    "none/readme.xyz": proseOf(1, 5000),
    "empty/a.txt": "",
    "blank/a.txt": " \n\n ",
    "lines/a.jsonl": '{"body":"x"}\n',
    "binary/a.txt": Uint8Array.of(1, 0, 2),
    "binary/b.md": Uint8Array.of(0xff, 0xfe, 0x41, 0),
    "small/a.txt": proseOf(1, 900),
    "same/a.txt": "the same line again and again\n".repeat(3000),
  });
  await assert.rejects(read(path.join(folder, "absent")), isFatal("DATA_NOT_FOUND"));
  for (const name of ["none", "empty", "blank", "lines"])
    await assert.rejects(read(path.join(folder, name)), isFatal("DATA_EMPTY"), name);
  await assert.rejects(read(path.join(folder, "binary")), isFatal("DATA_BINARY"));
  await assert.rejects(read(path.join(folder, "binary/a.txt")), isFatal("DATA_BINARY"));
  await assert.rejects(read(path.join(folder, "same")), isFatal("DATA_TOO_SMALL"));
  await assert.rejects(read(path.join(folder, "small")), (error) => {
    assert.ok(error instanceof FatalError && error.code === "DATA_TOO_SMALL");
    assert.deepEqual([error.data.bytes, error.data.neededBytes], [900, 1000]);
    return true;
  });
});

it("readUserCorpus, an aborted signal, rejects with its reason", async (test) => {
  const folder = write(temporaryFolder(test), { "a.txt": proseOf(1, 5000) });
  const reason = new Error("stop");
  await assert.rejects(
    readUserCorpus(folder, { minBytes: 1, signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
});
