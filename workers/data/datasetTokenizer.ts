import type { ContentRef, ContentStore } from "../storage/contentStore.ts";
import type { DatasetManifest } from "./datasetManifest.ts";
import { endOf, jsonTokenizer, TokenizerError, usualEnds } from "./jsonTokenizer.ts";
import { documentEnd } from "./tokenizer.ts";

/** What turns text into tokens, and how its name stands in the manifest. */
export interface DatasetTokenizer {
  readonly reference: DatasetManifest["tokenizer"];
  readonly tokenBytes: DatasetManifest["tokenBytes"];
  /** Id after each document. */
  readonly end: number;
  /** Token ids of UTF-8 text. @throws TokenizerError */
  encode(text: Uint8Array): ArrayLike<number>;
}

export const byteDatasetTokenizer: DatasetTokenizer = {
  reference: { kind: "bytes" },
  tokenBytes: 1,
  end: documentEnd,
  encode: (text) => text,
};

/** Token that stands after each document: its id, or the texts it may have, the likelier first. */
export type EndToken = number | readonly string[];

/**
 * Stores a `tokenizer.json` and makes it the tokenizer of a data set.
 * @throws TokenizerError when it cannot be used or has no such end; what the store throws
 */
export async function putTokenizer(
  store: ContentStore,
  bytes: Uint8Array,
  end: EndToken = usualEnds,
  signal: AbortSignal,
): Promise<DatasetTokenizer> {
  const text = jsonTokenizer(bytes);
  const id = typeof end === "number" ? end : endOf(text, end);
  if (id === undefined) throw new TokenizerError(`it has no token ${end}: name the one after each document`);
  if (id >= text.vocabulary) throw new TokenizerError(`it has no token ${id}`);
  const { cid, size }: ContentRef = await store.put(bytes, { signal });
  const decoder = new TextDecoder();
  return {
    reference: { kind: "json", cid, size, end: id },
    tokenBytes: text.vocabulary > 65_536 ? 4 : text.vocabulary > 256 ? 2 : 1,
    end: id,
    encode: (utf8) => text.encode(decoder.decode(utf8)),
  };
}
