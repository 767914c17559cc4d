import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";

/** One text of a corpus. */
export interface Document {
  /** What the held-out split keeps together: a package, or a top-level folder. */
  readonly group: string;
  /** Unique name with forward slashes, the same on every machine; decides the document's place. */
  readonly path: string;
  /** UTF-8, LF line ends, no byte-order mark, ends with one line break. */
  readonly text: Uint8Array;
}

/** Texts to train on and texts nobody trains on, both in their final order, with what was left out on the way. */
export interface Corpus {
  readonly training: readonly Document[];
  readonly heldOut: readonly Document[];
  readonly dropped: DroppedDocuments;
}

export interface DroppedDocuments {
  /** Near-duplicates of a document that stayed. */
  readonly duplicates: number;
  /** Held-out documents that share too much with training text. */
  readonly leaks: number;
}

/** Bytes of all texts together, without the tokens between them. */
export function textBytes(documents: readonly Document[]): number {
  return documents.reduce((sum, document) => sum + document.text.length, 0);
}

/**
 * The text of a file in the form corpora hold it, `undefined` when it is binary (a zero byte, or not UTF-8).
 * An empty file gives an empty text.
 */
export function normalizeText(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.includes(0) || !isUtf8(bytes)) return undefined;
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n").trimEnd();
  return new TextEncoder().encode(text === "" ? "" : `${text}\n`);
}

/** Documents in an order that mixes groups and depends on their paths alone. */
export function scatter(documents: readonly Document[]): Document[] {
  const keyed = documents.map((document) => ({ document, key: scatterKey(document.path) }));
  keyed.sort((a, b) => compareText(a.key, b.key));
  return keyed.map(({ document }) => document);
}

export function scatterKey(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

/** Code-unit order: the same in every locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
