import { Tokenizer } from "@huggingface/tokenizers";
import { FatalError } from "../protocol/errors.ts";
import { unknownFeature } from "./tokenizerFeatures.ts";

/** A `tokenizer.json` that cannot be used; `data.problem` says why. */
export class TokenizerError extends FatalError {
  constructor(problem: string, cause?: unknown) {
    super("TOKENIZER_INVALID", `Tokenizer: ${problem}`, {
      data: { problem },
      hint: "Use bytes, or another tokenizer.json: byte-level BPE and SentencePiece's models are known.",
      cause,
    });
  }
}

/** Text to token ids and back. */
export interface TextTokenizer {
  /** @throws TokenizerError when a part of the text has no token */
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  /** Id of a token by its text in the vocabulary. */
  idOf(token: string): number | undefined;
  /** Text in the vocabulary of a token. */
  tokenOf(id: number): string | undefined;
  /** Ids are below this. */
  readonly vocabulary: number;
}

/** Tokens by which texts usually end, the likelier first. */
export const usualEnds: readonly string[] = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[SEP]"];

/** Id of the first of these tokens that a tokenizer has. */
export function endOf(tokenizer: TextTokenizer, ends: readonly string[] = usualEnds): number | undefined {
  return ends.map((token) => tokenizer.idOf(token)).find((id) => id !== undefined);
}

/** A tokenizer beyond this is none. */
const MAX_TOKENIZER_BYTES = 64 << 20;

/**
 * A Hugging Face tokenizer from the bytes of its `tokenizer.json`. It is put to work once, so that what its library does
 * not know shows here and not in the middle of a data set.
 * @throws TokenizerError naming the feature or the field
 */
export function jsonTokenizer(tokenizer: Uint8Array, config?: Uint8Array): TextTokenizer {
  const given = parse("tokenizer.json", tokenizer);
  const settings = config === undefined ? {} : parse("tokenizer_config.json", config);
  const unknown = unknownFeature(given);
  if (unknown !== undefined) throw new TokenizerError(`it uses something that is not known here: ${unknown}`);
  let built: Tokenizer;
  try {
    built = new Tokenizer(given, settings);
    built.decode(built.encode("a\n é 1").ids);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new TokenizerError(`it uses something that is not known here: ${problem}`, cause);
  }
  const added = [...built.get_added_tokens_decoder().keys()];
  const ids = [...built.get_vocab(true).values()];
  return {
    vocabulary: [...added, ...ids].reduce((most, id) => Math.max(most, id + 1), 0),
    idOf: (token) => built.token_to_id(token),
    tokenOf: (id) => built.id_to_token(id),
    encode: (text) => {
      const { ids, tokens } = built.encode(text, { add_special_tokens: false });
      const place = ids.indexOf(undefined as never);
      if (place >= 0) throw new TokenizerError(`it has no token for ${JSON.stringify(tokens[place])}`);
      return ids;
    },
    decode: (ids) =>
      ids.length === 0
        ? ""
        : built.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}

function parse(name: string, bytes: Uint8Array): object {
  if (bytes.length > MAX_TOKENIZER_BYTES) throw new TokenizerError(`${name} has ${bytes.length} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TokenizerError(`${name} is not UTF-8 JSON`, cause);
  }
  if (typeof value !== "object" || value === null) throw new TokenizerError(`${name} is not an object`);
  return value;
}

/** Tokens decoded together by a stream: enough context for any tokenizer, and no more work with a longer text. */
const LONGEST_WINDOW = 128;
const SHORTEST_WINDOW = 16;

/** What a stream of tokens has become so far, given out as soon as it cannot change any more. */
export class TextStream {
  readonly #tokenizer: TextTokenizer;
  #ids: number[] = [];
  #given = "";

  /** @param before tokens of the text that the stream goes on from, which it does not give out */
  constructor(tokenizer: TextTokenizer, before: readonly number[] = []) {
    this.#tokenizer = tokenizer;
    this.#ids = before.slice(-SHORTEST_WINDOW);
    this.#given = tokenizer.decode(this.#ids);
  }

  /** The text that this token completes: empty while a character is still in parts. */
  push(id: number): string {
    this.#ids.push(id);
    const text = this.#tokenizer.decode(this.#ids);
    // A character whose bytes are spread over tokens decodes to U+FFFD until the last of them is there.
    const added = this.#giveUpTo(text.replace(/\uFFFD{1,3}$/, ""), text);
    if (this.#ids.length >= LONGEST_WINDOW && this.#given === text) this.#shorten();
    return added;
  }

  /** What is left at the end, incomplete characters included. */
  end(): string {
    const text = this.#tokenizer.decode(this.#ids);
    return this.#giveUpTo(text, text);
  }

  /** Forgets all but the last tokens, which are kept since some tokenizers treat the first one's space differently. */
  #shorten(): void {
    this.#ids = this.#ids.slice(-SHORTEST_WINDOW);
    this.#given = this.#tokenizer.decode(this.#ids);
  }

  #giveUpTo(stable: string, text: string): string {
    if (!text.startsWith(this.#given) || stable.length <= this.#given.length) return "";
    const added = stable.slice(this.#given.length);
    this.#given = stable;
    return added;
  }
}
