import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import * as v from "valibot";
import type { Hex } from "viem";
import { FatalError } from "./errors.ts";

/** The manifest cannot be used; `data.path` is the JSON path of the problem ("$" is the whole). */
export class ManifestError extends FatalError {
  constructor(path: string, problem: string, cause?: unknown) {
    super("MANIFEST_INVALID", `Run manifest, ${path}: ${problem}`, { data: { path, problem }, cause });
  }
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const countOrZero = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const belowOne = v.pipe(v.number(), v.minValue(0), v.ltValue(1));
const cid = v.pipe(v.string(), v.regex(/^b[a-z2-7]{20,}$/, "not a CIDv1 in base32"));
const hash = v.custom<Hex>(
  (input) => typeof input === "string" && /^0x[0-9a-f]{64}$/.test(input),
  "not a bytes32",
);
const content = { cid, size: count };

/** How text became tokens: bytes themselves, or a Hugging Face `tokenizer.json` by its content. */
export const tokenizerSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("bytes") }),
  /** `end`: id of the token after each document. */
  v.strictObject({ kind: v.literal("json"), ...content, end: countOrZero }),
]);

const modelSchema = v.pipe(
  v.strictObject({
    family: v.literal("llama"),
    vocab: count,
    dim: count,
    layers: count,
    heads: count,
    kvHeads: count,
    hidden: count,
    /** Tokens a sequence predicts (T); a stored sequence holds T + 1. */
    sequenceLength: count,
    /** The output projection is the embedding. */
    tied: v.boolean(),
    ropeTheta: positive,
    normEpsilon: positive,
  }),
  v.check((model) => model.dim % model.heads === 0, "dim must be a multiple of heads"),
  v.check((model) => (model.dim / model.heads) % 2 === 0, "dim / heads must be even"),
  v.check((model) => model.heads % model.kvHeads === 0, "heads must be a multiple of kvHeads"),
);

const trainingSchema = v.pipe(
  v.strictObject({
    /** H: AdamW steps in a round. */
    innerSteps: count,
    /** With overlap: how many of them, the first ones, are late steps; a quarter when left out. */
    lateSteps: v.optional(count),
    /** Sequences per inner step. */
    batchSequences: count,
    /** Sequences worked off at a time, gradients added up; all of a step's when left out. Part of what fixes the bits. */
    microBatchSequences: v.optional(count),
    peakLearningRate: positive,
    warmupSteps: countOrZero,
    /** Inner steps after which the learning rate has come down to its minimum. */
    totalSteps: count,
    minLearningRateRatio: share,
    /** From inner step `from` the rate falls linearly from where it stands to 0 over `steps` steps. */
    anneal: v.optional(v.strictObject({ from: countOrZero, steps: count })),
    beta1: belowOne,
    beta2: belowOne,
    epsilon: positive,
    weightDecay: v.pipe(v.number(), v.finite(), v.minValue(0)),
    /** Largest global gradient norm of a step. */
    clipNorm: positive,
  }),
  v.check((training) => training.warmupSteps <= training.totalSteps, "warmupSteps must be ≤ totalSteps"),
  v.check(({ innerSteps, lateSteps = 1 }) => lateSteps <= innerSteps, "lateSteps must be ≤ innerSteps"),
  v.check(
    ({ batchSequences, microBatchSequences = batchSequences }) => batchSequences % microBatchSequences === 0,
    "batchSequences must be a multiple of microBatchSequences",
  ),
  v.check(
    ({ anneal, warmupSteps }) => anneal === undefined || anneal.from >= warmupSteps,
    "anneal.from must be ≥ warmupSteps",
  ),
);

const compressionSchema = v.pipe(
  v.strictObject({ chunk: count, topK: count, errorFeedback: share }),
  v.check((compression) => compression.topK <= compression.chunk, "topK must be ≤ chunk"),
);

const auditSchema = v.strictObject({
  /** Probability that a revealed update is audited. */
  rate: share,
  /** Most updates of a round that are audited, the same for all validators. */
  perRound: count,
  /** Share of the lost audit standing that is still lost after one clean evaluation. */
  decay: belowOne,
  /** On another machine: least share of positions with equal sign, least cosine of updates and of states. */
  leastOverlap: share,
  leastCosine: share,
  /** Bytes of worker state (12 a parameter) up to which whole rounds are run again; above, tensors are looked at. */
  fullUpTo: count,
  /** How many tensors then. */
  tensors: count,
});

const scoringSchema = v.strictObject({
  /** Uids a validator evaluates in a round. */
  sampleSize: count,
  /** Of these, the most that are kept for uids registered within `newcomerEpochs`. */
  newcomerSeats: countOrZero,
  newcomerEpochs: countOrZero,
  /** Share of the clipped update applied for a loss score. */
  evalStep: positive,
  /** Sequences per loss score, the miner's own and random ones. */
  ownSequences: count,
  randomSequences: count,
  /** Share of positions with equal sign from which the later of two updates is a copy. */
  overlapThreshold: share,
  /** Earlier rounds whose updates are compared as well. */
  overlapRounds: countOrZero,
  /** Decay of the running mean of own-data evidence. */
  computationDecay: belowOne,
  rating: v.strictObject({ mu: positive, sigma: positive, beta: positive, tau: positive }),
  /** Added to μ − 3σ before it is clamped at 0. */
  ratingShift: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** Share of the weights that the gather seats get. */
  gatherShare: share,
  /** Relative difference of losses within which two validators' figures count as the same. */
  lossTolerance: positive,
  /** Audits by re-execution; none when left out. */
  audit: v.optional(auditSchema),
});

const manifestSchema = v.pipe(
  v.strictObject({
    version: v.literal(1),
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
    model: modelSchema,
    tokenizer: tokenizerSchema,
    dataset: v.strictObject(content),
    genesisState: v.strictObject({ ...content, root: hash }),
    training: trainingSchema,
    compression: compressionSchema,
    outer: v.strictObject({
      learningRate: positive,
      /** G: updates aggregated in a round. */
      gatherSize: v.pipe(count, v.maxValue(256)),
      averaging: v.picklist(["gathered", "contributors"]),
      /** Share of the usual alignment below which an update is left out; when left out, none is. */
      alignment: v.optional(share),
    }),
    /** 1: a round's first inner steps run while the updates of the round before travel (overlap.md); 0 and nothing: none do. */
    overlap: v.optional(v.picklist([0, 1])),
    data: v.strictObject({ shardsPerEpoch: count, evalSequences: count }),
    limits: v.strictObject({ maxUpdateBytes: count }),
    /** Validators sign the state that every so many epochs start with (`CheckpointLedger`); none when left out. */
    checkpointEpochs: v.optional(count),
    beacon: v.strictObject({ entropy: v.picklist(["blockhash", "prevrandao"]), confirmations: countOrZero }),
    scoring: scoringSchema,
  }),
  v.forward(
    v.partialCheck(
      [["model", "vocab"], ["tokenizer"]],
      ({ model, tokenizer }) => model.vocab > (tokenizer.kind === "bytes" ? 255 : tokenizer.end),
      "the vocab must be above all bytes, or above the tokenizer's end",
    ),
    ["model", "vocab"],
  ),
  v.forward(
    v.check(
      ({ overlap, training }) => overlap === 1 || training.lateSteps === undefined,
      "late steps need overlap: 1",
    ),
    ["training", "lateSteps"],
  ),
);

/** Everything that fixes a run, as published (DESIGN §1). Sizes in bytes, learning rates per step. */
export type RunManifest = Readonly<v.InferOutput<typeof manifestSchema>>;
export type ModelSettings = RunManifest["model"];
export type TrainingSettings = RunManifest["training"];
export type TokenizerReference = RunManifest["tokenizer"];
export type ScoringSettings = RunManifest["scoring"];
export type AuditSettings = Readonly<v.InferOutput<typeof auditSchema>>;

/**
 * A manifest from its JSON value. Unknown fields are refused: a typing mistake must not pass for a default.
 * @throws ManifestError with the JSON path of the first problem.
 */
export function checkManifest(value: unknown): RunManifest {
  const result = v.safeParse(manifestSchema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new ManifestError(path === null ? "$" : `$.${path}`, issue.message);
}

/**
 * A manifest from published bytes, which must be its canonical form: the hash covers bytes, and two spellings of one
 * manifest would be two runs.
 * @throws ManifestError
 */
export function parseManifest(bytes: Uint8Array): RunManifest {
  const manifest = checkManifest(parseJson(bytes));
  if (!Buffer.from(canonicalManifest(manifest)).equals(bytes)) {
    throw new ManifestError("$", "not in canonical form (RFC 8785)");
  }
  return manifest;
}

/** Canonical bytes of a manifest: UTF-8 of RFC 8785 JSON. What is published. */
export function canonicalManifest(manifest: RunManifest): Uint8Array {
  return canonicalJson(manifest);
}

/** sha256 of the canonical bytes, as it stands in `RunRegistry` and in every update's header (DESIGN §7). */
export function manifestHash(manifest: RunManifest): Hex {
  return `0x${createHash("sha256").update(canonicalManifest(manifest)).digest("hex")}`;
}

/**
 * UTF-8 bytes of RFC 8785 JSON.
 * @throws FatalError `NOT_JSON` for a value without a JSON form (undefined, NaN, infinity, a function).
 */
export function canonicalJson(value: unknown): Uint8Array {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new FatalError("NOT_JSON", "The value has no canonical JSON form.", { cause });
  }
  if (text === undefined) throw new FatalError("NOT_JSON", "The value has no canonical JSON form.");
  return new TextEncoder().encode(text);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ManifestError("$", "not UTF-8 JSON", cause);
  }
}
