import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatEvent, parseEvent } from "../../../workers/database/eventText.ts";

test("formatEvent and parseEvent, texts of a neuron's owner, also such as are taken for numbers: come back as they were", () => {
  const texts = ["5n", "-5n", "\\5n", "\\\\-5n", "n", "5", "", '"', "\u202e<b>", "\ud800"];
  const anyText = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(anyText, anyText, (name, url) => {
      const place = { blockNumber: 7n, logIndex: 3, time: 7 };
      const event = { type: "IdentitySet", neuronId: 5n, name, url, ...place } as const;
      assert.deepEqual(parseEvent(formatEvent(event)), event);
    }),
  );
});
