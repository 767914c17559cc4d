import * as v from "valibot";
import { FatalError } from "../protocol/errors.ts";
import { canonicalJson } from "../protocol/manifest.ts";
import { auditSchema } from "./audit.ts";
import { hashSchema, neuronIdSchema, standingSchema } from "./neuronState.ts";
import { penaltyReasons } from "./penalties.ts";

/** Largest log that is read, bytes. */
export const maxLogBytes = 16 * 2 ** 20;

const finite = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const uid = v.pipe(count, v.maxValue(255));
const unit = v.pipe(finite, v.minValue(0), v.maxValue(1));

/** Mean losses, nats per token. */
const lossPair = v.strictObject({ before: finite, after: finite });

const neuronSchema = v.strictObject({
  uid,
  neuronId: neuronIdSchema,
  /** `silent`: known to the validator, nothing committed. The others as in `RevealedStatus`. */
  status: v.picklist(["eligible", "unrevealed", "ineligible", "invalid", "silent"]),
  /** Null where the update was not evaluated. */
  losses: v.nullable(v.strictObject({ own: lossPair, random: lossPair })),
  /** What the update repeats. */
  copyOf: v.nullable(v.strictObject({ neuronId: neuronIdSchema, round: count, overlap: unit })),
  penalties: v.pipe(
    v.array(v.strictObject({ reason: v.picklist(penaltyReasons), factor: unit })),
    v.maxLength(penaltyReasons.length),
  ),
  /** Of its update of the round before, whose worker state was due by the end of this one; null where not picked. */
  audit: v.nullable(auditSchema),
  /** What the validator remembered of the neuron before the round and after it, whole. */
  before: standingSchema,
  after: standingSchema,
  score: v.pipe(finite, v.minValue(0)),
});

/** Each neuron once: a second entry could say something else. */
function eachOnce(neurons: readonly { readonly uid: number; readonly neuronId: bigint }[]): boolean {
  const ids = new Set(neurons.map(({ neuronId }) => neuronId));
  return ids.size === neurons.length && ascends(neurons.map((neuron) => neuron.uid));
}

function ascends(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > values[index - 1]);
}

const roundSchema = v.strictObject({
  round: count,
  /** State root of θ_r. */
  parentRoot: hashSchema,
  /** Uids this validator was to evaluate, ascending. */
  sampled: v.pipe(
    v.array(uid),
    v.maxLength(256),
    v.check((uids) => ascends(uids), "uids must ascend"),
  ),
  /** Improvement up to which an update counted as negative. */
  negativeUpTo: v.pipe(finite, v.minValue(0)),
  /** Fewer than half of the commits became eligible: absence costs nobody anything. */
  networkFault: v.boolean(),
  /** Revealed updates, of this round and earlier ones, whose content could not be had: not compared with others. */
  unread: v.pipe(v.array(v.strictObject({ round: count, neuronId: neuronIdSchema })), v.maxLength(65_535)),
  /** Ascending by uid, each neuron once. */
  neurons: v.pipe(
    v.array(neuronSchema),
    v.maxLength(256),
    v.check((neurons) => eachOnce(neurons), "uids must ascend, neurons must differ"),
  ),
});

const machineSchema = v.strictObject({
  /** Execution provider, for example "cpu". */
  provider: v.pipe(v.string(), v.maxLength(64)),
  /** Engine and version. */
  engine: v.pipe(v.string(), v.maxLength(64)),
  /** Model of the processor. */
  processor: v.pipe(v.string(), v.maxLength(128)),
});

const checkpointSchema = v.strictObject({
  round: count,
  stateRoot: hashSchema,
  contentDigest: hashSchema,
  contentSize: v.pipe(count, v.minValue(1)),
  /** 64 bytes (ERC-2098) by the validator's hotkey. */
  signature: v.custom<`0x${string}`>(
    (input) => typeof input === "string" && /^0x[0-9a-f]{128}$/.test(input),
    "not 64 bytes",
  ),
});

const logSchema = v.strictObject({
  version: v.literal(3),
  manifestHash: hashSchema,
  /** neuronId of the validator. */
  validator: neuronIdSchema,
  epoch: count,
  /** What computed the losses. */
  machine: machineSchema,
  /** The state that the next epoch starts with, signed; null where no checkpoint is due. */
  checkpoint: v.nullable(checkpointSchema),
  rounds: v.pipe(
    v.array(roundSchema),
    v.maxLength(65_535),
    v.check((rounds) => ascends(rounds.map(({ round }) => round)), "rounds must ascend"),
  ),
});

/** All that a validator found in one epoch; published under the CID its weight commit names (DESIGN §10). */
export type EvaluationLog = Readonly<v.InferOutput<typeof logSchema>>;
/** Where losses were computed: equal machines compute equal bits. */
export type Machine = Readonly<v.InferOutput<typeof machineSchema>>;
export type SignedCheckpoint = Readonly<v.InferOutput<typeof checkpointSchema>>;
export type RoundEntry = EvaluationLog["rounds"][number];
export type NeuronEntry = RoundEntry["neurons"][number];

/** A log is not what the protocol asks for; `data.path` is the JSON path of the first problem. */
export class EvaluationLogError extends FatalError {
  constructor(path: string, problem: string, cause?: unknown) {
    const data = { path, problem };
    super("EVALUATION_LOG_INVALID", `Evaluation log, ${path}: ${problem}`, { data, cause });
  }
}

/** Canonical bytes (RFC 8785) of a log; neuronIds are decimal strings. */
export function formatEvaluationLog(log: EvaluationLog): Uint8Array {
  return canonicalJson(withDecimalIds(log));
}

/**
 * A log from published bytes, which may be anybody's.
 * @throws EvaluationLogError for more than 16 MiB, other than canonical JSON, or a field out of bounds.
 */
export function parseEvaluationLog(bytes: Uint8Array): EvaluationLog {
  if (bytes.length > maxLogBytes) throw new EvaluationLogError("$", `larger than ${maxLogBytes} bytes`);
  const log = checked(
    logSchema,
    parseJson(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)),
  );
  if (!Buffer.from(formatEvaluationLog(log)).equals(bytes)) {
    throw new EvaluationLogError("$", "not in canonical form (RFC 8785)");
  }
  return log;
}

/** One round's entry as JSON text, for the database. */
export function formatRoundEntry(entry: RoundEntry): string {
  return JSON.stringify(withDecimalIds(entry));
}

/** @throws EvaluationLogError when the text is not an entry. */
export function parseRoundEntry(text: string): RoundEntry {
  return checked(
    roundSchema,
    parseJson(() => text),
  );
}

function withDecimalIds(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)),
  );
}

function checked<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new EvaluationLogError(path === null ? "$" : `$.${path}`, issue.message);
}

function parseJson(text: () => string): unknown {
  try {
    return JSON.parse(text());
  } catch (cause) {
    throw new EvaluationLogError("$", "not UTF-8 JSON", cause);
  }
}
