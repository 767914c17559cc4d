import assert from "node:assert/strict";
import { test } from "node:test";
import { textLimits, textRequest } from "../../../../workers/projector/text/textRequest.ts";

const root = (digit: string) => `0x${digit.repeat(64)}`;
const good = { models: [root("a")], prompt: "The ", tokens: 200, temperature: 0.7, topP: 0.95, seed: 1 };

test("textRequest, each figure at its bounds: taken", () => {
  for (const given of [
    { tokens: 1 },
    { tokens: textLimits.tokens },
    { temperature: 0 },
    { temperature: textLimits.temperature },
    { topP: 1e-9 },
    { topP: 1 },
    { seed: 0 },
    { seed: 2 ** 32 - 1 },
    { models: [root("a"), root("b")] },
    { prompt: "é".repeat(textLimits.promptBytes / 2) },
  ])
    assert.deepEqual(textRequest({ ...good, ...given }), { ...good, ...given });
});

test("textRequest, anything else: refused", () => {
  const { seed: _, ...short } = good;
  const wrong: readonly unknown[] = [
    null,
    [],
    "text",
    short,
    { ...good, more: 1 },
    ...[
      { tokens: 0 },
      { tokens: textLimits.tokens + 1 },
      { tokens: 1.5 },
      { tokens: "9" },
      { temperature: -0.1 },
      { temperature: 2.1 },
      { temperature: Number.NaN },
      { topP: 0 },
      { topP: 1.01 },
      { seed: -1 },
      { seed: 2 ** 32 },
      { prompt: "" },
      { prompt: "é".repeat(textLimits.promptBytes / 2 + 1) },
      { prompt: 5 },
      { models: [] },
      { models: [root("a"), root("a")] },
      { models: [root("a"), root("b"), root("c")] },
      { models: ["../../etc"] },
      { models: [root("A")] },
    ].map((given) => ({ ...good, ...given })),
  ];
  for (const body of wrong)
    assert.throws(() => textRequest(body), { code: "TEXT_MALFORMED", status: 400 }, JSON.stringify(body));
});
