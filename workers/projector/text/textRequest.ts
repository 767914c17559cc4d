import * as v from "valibot";
import type { TextLimits, TextRequest } from "../apiText.ts";
import { Refusal } from "../refusal.ts";

export const textLimits: TextLimits = { promptBytes: 2_000, tokens: 400, temperature: 2, models: 2 };

/** Bytes of a body: a prompt of which every byte is escaped, and the rest. */
export const maxTextBytes = 16_384;

const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
const bytes = new TextEncoder();

const requestSchema = v.strictObject({
  models: v.pipe(
    v.array(v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/))),
    v.minLength(1),
    v.maxLength(textLimits.models),
    v.check((roots) => new Set(roots).size === roots.length),
  ),
  prompt: v.pipe(
    v.string(),
    v.minLength(1),
    v.check((prompt) => bytes.encode(prompt).length <= textLimits.promptBytes),
  ),
  tokens: whole(1, textLimits.tokens),
  temperature: v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(textLimits.temperature)),
  topP: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  seed: whole(0, 2 ** 32 - 1),
});

/** A request as it may be worked off. @throws Refusal TEXT_MALFORMED, naming the field */
export function textRequest(body: unknown): TextRequest {
  const result = v.safeParse(requestSchema, body);
  if (result.success) return result.output;
  throw malformedText(v.getDotPath(result.issues[0]) ?? "the body");
}

export function malformedText(what: string): Refusal {
  return new Refusal(
    400,
    "TEXT_MALFORMED",
    `${what} is not as it should be`,
    "See docs/operators/projector.md.",
  );
}
