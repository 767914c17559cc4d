import * as v from "valibot";
import type { MetagraphHistory } from "../protocol/metagraphHistory.ts";
import { type ReportIdentity, reporterOf } from "../protocol/metricReport.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Projection } from "./projection.ts";
import { Refusal } from "./refusal.ts";

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const word = v.pipe(v.string(), v.maxLength(80));
const uids = v.pipe(v.array(count), v.maxLength(256));
const losses = v.nullish(v.record(word, v.nullish(v.union([finite, v.record(word, finite)]))));

const rowSchema = v.variant("type", [
  v.strictObject({
    type: v.literal("state"),
    round: count,
    root: word,
    gathered: uids,
    leftOut: v.optional(uids, []),
  }),
  v.strictObject({ type: v.literal("heldOutLoss"), round: count, loss: finite }),
  v.strictObject({
    type: v.literal("round"),
    round: count,
    trainLoss: v.optional(finite),
    updateBytes: count,
    seconds: v.record(word, finite),
  }),
  v.strictObject({
    type: v.literal("evaluation"),
    round: count,
    scores: v.pipe(
      v.array(
        v.strictObject({
          uid: count,
          score: finite,
          penalties: v.pipe(v.array(v.strictObject({ reason: word, factor: finite })), v.maxLength(16)),
          losses,
          copyOf: v.optional(v.pipe(v.string(), v.regex(/^\d{1,20}$/))),
        }),
      ),
      v.maxLength(256),
    ),
  }),
]);

/** A row that a projector keeps. */
export type ReportedRow = v.InferOutput<typeof rowSchema>;
export type ReportedOf<Type extends ReportedRow["type"]> = Extract<ReportedRow, { type: Type }>;

const rowsSchema = v.pipe(v.array(rowSchema), v.minLength(1), v.maxLength(64));
const bodySchema = v.strictObject({
  sequence: count,
  rows: v.string(),
  signature: v.pipe(v.string(), v.regex(/^0x[0-9a-f]{130}$/)),
});

/** A row as it was stored. */
export function parseReport(row: string): ReportedRow {
  return v.parse(rowSchema, JSON.parse(row));
}

export interface ReportsTaker {
  readonly projection: Projection;
  readonly identity: ReportIdentity;
  readonly metagraph: MetagraphHistory;
  /** By block time; undefined before genesis. */
  readonly round: Round | undefined;
}

/**
 * Takes a report of a hotkey that holds a uid.
 * @returns number of rows taken
 * @throws Refusal REPORT_MALFORMED, REPORT_UNSIGNED, REPORT_FOREIGN, REPORT_REPLAYED
 */
export async function takeReport(
  { projection, identity, metagraph, round = 0 }: ReportsTaker,
  body: unknown,
): Promise<number> {
  const report = parsed(bodySchema, body);
  const rows = parsed(rowsSchema, jsonOf(report.rows));
  if (rows.some((row) => row.round > round + 1))
    throw new Refusal(400, "REPORT_MALFORMED", "a row is of a round that has not begun", "Check the clock.");
  const signature = report.signature as `0x${string}`;
  const hotkey = await reporterOf(identity, { ...report, signature });
  if (hotkey === undefined)
    throw new Refusal(401, "REPORT_UNSIGNED", "the signature is none", "Sign with the neuron's hotkey.");
  const neuronId = metagraph.neuronOfHotkey(hotkey);
  const neuron = neuronId === undefined ? undefined : metagraph.neuron(neuronId);
  if (neuron === undefined || metagraph.holder(neuron.uid)?.neuronId !== neuronId) {
    throw new Refusal(
      403,
      "REPORT_FOREIGN",
      `${hotkey} is no hotkey of this run`,
      "Reports are taken of who holds a uid, signed for this chain and registry.",
    );
  }
  const texts = rows.map((row) => ({ type: row.type, round: row.round, row: JSON.stringify(row) }));
  if (!projection.reports.take(hotkey, neuron.neuronId, report.sequence, texts))
    throw new Refusal(
      409,
      "REPORT_REPLAYED",
      "the sequence is not above the last one",
      "Number reports upwards.",
    );
  return rows.length;
}

function parsed<const Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const path = v.getDotPath(result.issues[0]) ?? "the body";
  throw malformed(path);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("rows");
  }
}

function malformed(path: string): Refusal {
  return new Refusal(
    400,
    "REPORT_MALFORMED",
    `${path} is not as it should be`,
    "See docs/operators/projector.md.",
  );
}
