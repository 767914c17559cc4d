import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { parquetWriteFile } from "hyparquet-writer";
import { DataError } from "../../../workers/data/errors.ts";
import { documentsIn } from "../../../workers/data/textSources.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const options = { field: "text", signal: new AbortController().signal };
const decoder = new TextDecoder();

async function textsOf(inputs: readonly string[], field = "text"): Promise<string[]> {
  const documents = await Array.fromAsync(documentsIn(inputs, { ...options, field }));
  return documents.map(({ text }) => decoder.decode(text));
}

function isData(code: string, check: (error: DataError) => boolean = () => true) {
  return (error: unknown) => error instanceof DataError && error.code === code && check(error);
}

test("documentsIn, a folder, gives its files in path order and passes over what is hidden", async (context) => {
  const folder = temporaryFolder(context);
  for (const below of ["b", "node_modules", ".git"]) mkdirSync(path.join(folder, below));
  for (const [name, text] of [
    ["z.txt", "last"],
    ["a.md", "first"],
    ["b/m.txt", "middle"],
    [".hidden", "no"],
    ["node_modules/x.txt", "no"],
  ])
    writeFileSync(path.join(folder, name), text);
  assert.deepEqual(await textsOf([folder]), ["first", "middle", "last"]);
});

test("documentsIn, a long text, is cut at line ends and comes back whole", async (context) => {
  const file = path.join(temporaryFolder(context), "long.txt");
  const text =
    Array.from({ length: 60_000 }, (_, line) => `Zeile ${line}: äöü`).join("\n") + "é".repeat(1_500_000);
  writeFileSync(file, text);
  const pieces = await textsOf([file]);
  assert.ok(pieces.length > 1, `${pieces.length} pieces`);
  for (const piece of pieces.slice(0, -1)) assert.ok(piece.endsWith("\n") || piece.length > 1_000_000);
  assert.equal(pieces.join(""), text);
});

test("documentsIn, binary or half a character, is NOT_TEXT", async (context) => {
  const folder = temporaryFolder(context);
  for (const [name, bytes] of [
    ["zero.txt", Uint8Array.of(65, 0, 66)],
    ["half.txt", Uint8Array.of(65, 0xc3)],
  ] as const) {
    writeFileSync(path.join(folder, name), bytes);
    await assert.rejects(textsOf([path.join(folder, name)]), isData("NOT_TEXT"), name);
  }
});

test("documentsIn, JSON lines, gives the field asked for and names the line that is bad", async (context) => {
  const folder = temporaryFolder(context);
  const file = path.join(folder, "lines.jsonl");
  writeFileSync(file, '{"text":"one","body":"eins"}\n\n{"text":"two","body":"zwei"}\r\n');
  assert.deepEqual(await textsOf([file]), ["one", "two"]);
  assert.deepEqual(await textsOf([file], "body"), ["eins", "zwei"]);
  for (const [wrong, line] of [
    ['{"text":"a"}\n{"text":', 2],
    ['{"text":"a"}\n\n{"other":1}', 3],
    ['{"text":5}', 1],
    ["[]", 1],
    ["null", 1],
  ] as const) {
    writeFileSync(file, wrong);
    await assert.rejects(
      textsOf([file]),
      isData("BAD_JSON_LINE", ({ data }) => data.line === line),
      wrong,
    );
  }
});

test("documentsIn, Parquet, gives a column's rows; what is broken or missing is BAD_PARQUET", async (context) => {
  const folder = temporaryFolder(context);
  const file = path.join(folder, "rows.parquet");
  const rows = Array.from({ length: 3000 }, (_, row) => `row ${row}`);
  parquetWriteFile({
    filename: file,
    columnData: [
      { name: "text", data: rows, type: "STRING" },
      { name: "number", data: rows.map((_, row) => row), type: "INT32" },
    ],
  });
  assert.deepEqual(await textsOf([file]), rows);
  await assert.rejects(textsOf([file], "body"), isData("BAD_PARQUET"));
  await assert.rejects(textsOf([file], "number"), isData("BAD_PARQUET"));
  const broken = path.join(folder, "broken.parquet");
  writeFileSync(broken, "PAR1 this is no parquet PAR1");
  await assert.rejects(textsOf([broken]), isData("BAD_PARQUET"));
});

test("documentsIn, an aborted signal, rejects with its reason", async (context) => {
  const file = path.join(temporaryFolder(context), "a.txt");
  writeFileSync(file, "a");
  const reason = new Error("stop");
  const aborted = { ...options, signal: AbortSignal.abort(reason) };
  await assert.rejects(Array.fromAsync(documentsIn([file], aborted)), (error) => error === reason);
});
