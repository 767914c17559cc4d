import { jsonTokenizer, type TextTokenizer, TokenizerError } from "../data/jsonTokenizer.ts";
import { byteTokenizer } from "../model/byteTokenizer.ts";
import type { ModelTokenizer } from "../model/modelFolder.ts";
import type { TokenizerReference } from "../protocol/manifest.ts";
import { refFromCid } from "../storage/contentRef.ts";
import type { ContentStore } from "../storage/contentStore.ts";

/** Between a run's text and its tokens. */
export interface RunTokenizer {
  readonly text: TextTokenizer;
  /** As a model folder holds it; undefined for bytes, which is what a folder has unless given another. */
  readonly files: ModelTokenizer | undefined;
}

/**
 * The tokenizer that a run's manifest names, fetched and verified.
 * @throws TokenizerError when it cannot be used or the model has fewer tokens; what the store throws
 */
export async function openTokenizer(
  {
    tokenizer,
    model,
  }: { readonly tokenizer: TokenizerReference; readonly model: { readonly vocab: number } },
  store: ContentStore,
  signal: AbortSignal,
): Promise<RunTokenizer> {
  if (tokenizer.kind === "bytes") return { text: byteText(), files: undefined };
  const { cid, size, end } = tokenizer;
  const json = await store.get(refFromCid(cid, size), { maxBytes: size, signal });
  const text = jsonTokenizer(json);
  requireVocabulary(text, model.vocab);
  const endText = text.tokenOf(end);
  if (endText === undefined) throw new TokenizerError(`it has no token ${end}, which ends documents`);
  return { text, files: { json, end: { id: end, text: endText } } };
}

/** @throws TokenizerError when a text can have tokens that a model of `vocab` tokens does not know */
export function requireVocabulary(text: TextTokenizer, vocab: number): void {
  if (text.vocabulary > vocab)
    throw new TokenizerError(`it has ${text.vocabulary} tokens, the model ${vocab}: they must fit in`);
}

/** Whether two tokenizers have the same tokens under the same ids. */
export function sameVocabulary(a: TextTokenizer, b: TextTokenizer): boolean {
  if (a.vocabulary !== b.vocabulary) return false;
  for (let id = 0; id < a.vocabulary; id++) if (a.tokenOf(id) !== b.tokenOf(id)) return false;
  return true;
}

/** Bytes as tokens. */
export function byteText(): TextTokenizer {
  return jsonTokenizer(new TextEncoder().encode(JSON.stringify(byteTokenizer())));
}
