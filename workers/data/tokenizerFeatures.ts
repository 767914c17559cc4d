/** A part of a `tokenizer.json`: an object with fields of any kind. */
type Part = Readonly<Record<string, unknown>>;

/** What a step of a tokenizer may not be, by its type: a problem, or undefined. */
const steps: Readonly<Record<string, (step: Part) => string | undefined>> = {
  Split: splitProblem,
  Replace: patternProblem,
  Punctuation: (step) =>
    modesOf(step).includes("Contiguous") ? undefined : `mode ${modesOf(step)} of Punctuation`,
  Metaspace: ({ add_prefix_space: prefix, prepend_scheme: scheme }) =>
    prefix === false && scheme === undefined ? "add_prefix_space: false of Metaspace" : undefined,
};

/**
 * What a `tokenizer.json` asks for that its library passes over in silence, so that it would give other tokens than
 * everywhere else; undefined when there is nothing. Types that the library does not know it names itself.
 */
export function unknownFeature(tokenizer: object): string | undefined {
  const { model, added_tokens: added, normalizer, pre_tokenizer: cut, decoder } = tokenizer as Part;
  if (!isPart(model)) return "no model";
  const stepProblems = [normalizer, cut, decoder].map(stepProblem);
  return [modelProblem(model), addedProblem(added), ...stepProblems].find((problem) => problem !== undefined);
}

function modelProblem(model: Part): string | undefined {
  const { type = "merges" in model ? "BPE" : undefined, dropout, byte_fallback: fallback } = model;
  if (type !== "BPE" && type !== "WordPiece" && type !== "Unigram") return `model of type ${String(type)}`;
  if (typeof dropout === "number" && dropout > 0) return "dropout of merges";
  if (type === "Unigram" && fallback === true) return "byte_fallback of Unigram";
  const { continuing_subword_prefix: prefix } = model;
  if (type === "BPE" && typeof prefix === "string" && prefix !== "")
    return "continuing_subword_prefix of BPE";
  return undefined;
}

function addedProblem(added: unknown): string | undefined {
  if (!Array.isArray(added)) return "no list of added_tokens";
  const isWord = (token: unknown) => isPart(token) && token.single_word === true;
  return added.some(isWord) ? "an added token with single_word" : undefined;
}

function stepProblem(step: unknown): string | undefined {
  if (!isPart(step)) return undefined;
  const { type, normalizers, pretokenizers, decoders } = step;
  const inner = [normalizers, pretokenizers, decoders].filter(Array.isArray).flat();
  const own = typeof type === "string" && Object.hasOwn(steps, type) ? steps[type](step) : undefined;
  return own ?? inner.map(stepProblem).find((problem) => problem !== undefined);
}

function splitProblem(step: Part): string | undefined {
  const modes = modesOf(step);
  const isInverted = step.invert === true;
  if (!modes.includes("Removed") && (!modes.includes("Isolated") || isInverted))
    return `mode ${modes}${isInverted ? ", inverted," : ""} of Split`;
  return patternProblem(step);
}

/** What becomes of a step's matches: the one text besides its type. */
function modesOf(step: Part): string[] {
  const texts = Object.entries(step).filter(([name]) => name !== "type");
  return texts.map(([, value]) => value).filter((value) => typeof value === "string");
}

function patternProblem({ type, pattern }: Part): string | undefined {
  const isKnown =
    isPart(pattern) && (typeof pattern.Regex === "string" || typeof pattern.String === "string");
  return isKnown ? undefined : `the pattern of ${String(type)}`;
}

function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null;
}
