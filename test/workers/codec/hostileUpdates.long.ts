import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError } from "../../../workers/codec/errors.ts";
import { decodeUpdate, encodeUpdate } from "../../../workers/codec/update.ts";
import { mutate, symbolsRead } from "../../support/mutatedUpdates.ts";
import { decodePlainly, Refused } from "../../support/plainUpdateDecoder.ts";
import {
  heavyTailedTensors,
  llamaSpecs,
  SAMPLE_HEADER,
  seededRandom,
} from "../../support/pseudoGradients.ts";

const MUTATIONS = 10_000;
const SETTINGS = { topK: 64, chunk: 4096 };
const SPECS = llamaSpecs(64, 2, 160);
const OPTIONS = { specs: SPECS, ...SETTINGS, maxBytes: 2 ** 16 };
const { bytes: VALID, tensors: VALID_TENSORS } = encodeUpdate(
  SAMPLE_HEADER,
  SPECS,
  heavyTailedTensors(SPECS, 1),
  SETTINGS,
);

const keptIn = (tensors: typeof VALID_TENSORS) =>
  tensors.reduce((sum, { positions }) => sum + positions.length, 0);

/** Values kept, or undefined where it is refused with a typed error. Anything else thrown is a failure. */
function keptOf(bytes: Uint8Array): number | undefined {
  try {
    return keptIn(decodeUpdate(bytes, OPTIONS).tensors);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

function plainAccepts(bytes: Uint8Array): boolean {
  try {
    decodePlainly(bytes, { shapes: SPECS.map(({ shape }) => [...shape]), ...SETTINGS });
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** The least of several runs: what the bytes cost, not what else the machine does. */
function leastMs(run: () => void): number {
  const times = Array.from({ length: 9 }, () => {
    const before = performance.now();
    run();
    return performance.now() - before;
  });
  return Math.min(...times);
}

/** How many times as long as the valid update, both timed one after the other; timed again where it looks slow. */
function timesValid(bytes: Uint8Array): number {
  const ratios = [];
  do ratios.push(leastMs(() => keptOf(bytes)) / leastMs(() => keptOf(VALID)));
  while (ratios.length < 5 && Math.min(...ratios) > 1.5);
  return Math.min(...ratios);
}

test("decodeUpdate, 10,000 mutations, refused or valid within twice a valid update's time and memory", (t) => {
  const random = seededRandom(11);
  const symbolsOfValid = symbolsRead(VALID, OPTIONS);
  const keptInValid = keptIn(VALID_TENSORS);
  for (let warm = 0; warm < 200; warm++) keptOf(VALID);
  const outcomes = { refused: 0, valid: 0 };
  let mostSymbols = 0;
  let most = 0;
  for (let trial = 0; trial < MUTATIONS; trial++) {
    const bytes = mutate(VALID, random);
    const kept = keptOf(bytes);
    outcomes[kept === undefined ? "refused" : "valid"] += 1;
    assert.equal(kept !== undefined, plainAccepts(bytes), `trial ${trial}: decoders differ`);
    assert.ok((kept ?? 0) <= 2 * keptInValid, `trial ${trial}: ${kept} values`);
    mostSymbols = Math.max(mostSymbols, symbolsRead(bytes, OPTIONS));
    most = Math.max(most, timesValid(bytes));
  }
  t.diagnostic(JSON.stringify({ ...outcomes, mostSymbols, symbolsOfValid, mostTime: most }));
  assert.ok(outcomes.refused > 0 && outcomes.valid > 0, JSON.stringify(outcomes));
  assert.ok(mostSymbols <= 2 * symbolsOfValid, `${mostSymbols} symbols against ${symbolsOfValid}`);
  assert.ok(most <= 2, `${most} times as long`);
});
