import { lstat, open, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { FatalError } from "../protocol/errors.ts";
import { type Corpus, compareText, type Document, normalizeText, scatter, textBytes } from "./documents.ts";
import { dropLeaks, dropNearDuplicates } from "./duplicates.ts";
import { splitHeldOut } from "./heldOut.ts";

export interface UserCorpusOptions {
  /** Text that must remain after duplicates fall away, bytes: what the model and its shards need. */
  readonly minBytes: number;
  /** Files are taken in path order until this many bytes are read. Default 64 MiB. */
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

const defaultMaxBytes = 64 << 20;

/** Endings taken from a folder; a file named by itself may have any. */
const textEndings = new Set(
  (
    "txt md markdown rst adoc tex org csv tsv jsonl json yaml yml toml xml html css sol ts tsx mts cts js jsx mjs cjs " +
    "py rb php lua pl go rs c h cc cpp hpp java kt scala swift cs hs ml ex clj r jl sh sql graphql proto"
  ).split(" "),
);

/** What a walk found. `unread` counts files that were binary, for the message when nothing is left. */
interface Found {
  readonly documents: Document[];
  readonly binaryFiles: string[];
  readonly files: number;
}

/**
 * A corpus from a folder or file. Folders are read with all below them, in path order; hidden entries, `node_modules`
 * and links are passed over, and so are binary files. `.jsonl` gives one document per line, from its `text` field. The
 * held-out part, about 5 %, keeps top-level folders and files whole where there are enough of them.
 * @throws FatalError DATA_NOT_FOUND, DATA_UNREADABLE, DATA_EMPTY, DATA_BINARY, DATA_TOO_SMALL (data: bytes, neededBytes)
 */
export async function readUserCorpus(location: string, options: UserCorpusOptions): Promise<Corpus> {
  const { documents, binaryFiles, files } = await collect(location, options);
  if (documents.length === 0 && binaryFiles.length > 0)
    throw new FatalError("DATA_BINARY", `${location} holds no text, only binary data`, {
      data: { location, files: binaryFiles.slice(0, 3) },
      hint: "Give UTF-8 text: .txt, .md, .jsonl with a text field, source code.",
    });
  if (documents.length === 0)
    throw new FatalError("DATA_EMPTY", `${location} holds no text`, {
      data: { location, files },
      hint: "Give a folder or file with .txt, .md, .jsonl (a text field on each line) or source code in it.",
    });
  const distinct = dropNearDuplicates(documents);
  requireBytes(location, textBytes(distinct), options.minBytes);
  const split = splitHeldOut(distinct);
  const heldOut = dropLeaks(split.heldOut, split.training);
  if (heldOut.length === 0)
    throw new FatalError(
      "DATA_TOO_SMALL",
      `${location} is too short or repeats itself: no text is left to measure the loss on`,
      {
        data: { location, bytes: textBytes(distinct), neededBytes: options.minBytes },
        hint: "Give more varied text.",
      },
    );
  requireBytes(location, textBytes(split.training), options.minBytes);
  return {
    training: scatter(split.training),
    heldOut: scatter(heldOut),
    dropped: { duplicates: documents.length - distinct.length, leaks: split.heldOut.length - heldOut.length },
  };
}

function requireBytes(location: string, bytes: number, neededBytes: number): void {
  if (bytes < neededBytes)
    throw new FatalError(
      "DATA_TOO_SMALL",
      `${location} has ${bytes} bytes of distinct training text; this model needs ${neededBytes}`,
      {
        data: { location, bytes, neededBytes },
        hint: "Give more text, or leave out --data for the default corpus.",
      },
    );
}

async function collect(location: string, options: UserCorpusOptions): Promise<Found> {
  const root = await realpath(location).catch((cause) => {
    throw new FatalError("DATA_NOT_FOUND", `There is no file or folder ${location}`, {
      data: { location },
      hint: "Check the path given with --data.",
      cause,
    });
  });
  try {
    const single = !(await lstat(root)).isDirectory();
    const names = single ? [path.basename(root)] : (await listFiles(root, "")).sort(compareText);
    return await readAll(single ? path.dirname(root) : root, names, options);
  } catch (cause) {
    options.signal.throwIfAborted();
    throw new FatalError("DATA_UNREADABLE", `Cannot read ${location}`, {
      data: { location },
      hint: "Check who may read the files below it.",
      cause,
    });
  }
}

async function readAll(folder: string, names: readonly string[], options: UserCorpusOptions): Promise<Found> {
  const found: Found = { documents: [], binaryFiles: [], files: names.length };
  let left = options.maxBytes ?? defaultMaxBytes;
  for (const name of names) {
    options.signal.throwIfAborted();
    if (left <= 0) break;
    const bytes = await readStart(path.join(folder, name), left);
    left -= bytes.length;
    const text = normalizeText(bytes);
    if (text === undefined) found.binaryFiles.push(name);
    else found.documents.push(...documentsOf(name, text));
  }
  return found;
}

async function listFiles(folder: string, below: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory()) files.push(...(await listFiles(folder, name)));
    else if (entry.isFile() && textEndings.has(endingOf(name))) files.push(name);
  }
  return files;
}

/** The whole file, or its whole lines within the first `maxBytes`. */
async function readStart(file: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break; // it shrank meanwhile
      filled += bytesRead;
    }
    return filled < size
      ? bytes.subarray(0, bytes.lastIndexOf(0x0a, filled - 1) + 1)
      : bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

function documentsOf(name: string, text: Uint8Array): Document[] {
  const group = name.split("/")[0];
  if (endingOf(name) !== "jsonl") return text.length === 0 ? [] : [{ group, path: name, text }];
  return linesOf(text).flatMap((line, index) => {
    const field = textField(line);
    const body = field === undefined ? undefined : normalizeText(new TextEncoder().encode(field));
    return body === undefined || body.length === 0 ? [] : [{ group, path: `${name}#${index}`, text: body }];
  });
}

function linesOf(text: Uint8Array): string[] {
  return new TextDecoder().decode(text).split("\n");
}

/** The `text` field of a JSON line; `undefined` for a line that is none or has none. */
function textField(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("text" in value)) return undefined;
    return typeof value.text === "string" ? value.text : undefined;
  } catch {
    return undefined; // one broken line does not spoil the rest
  }
}

function endingOf(name: string): string {
  return path.extname(name).slice(1).toLowerCase();
}
