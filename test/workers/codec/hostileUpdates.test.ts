import assert from "node:assert/strict";
import { test } from "node:test";
import { PRIORS } from "../../../workers/codec/contexts.ts";
import { CodecError, type CodecErrorCode } from "../../../workers/codec/errors.ts";
import { RangeDecoder, RangeEncoder } from "../../../workers/codec/rangeCoder.ts";
import { extentOf, type TensorExtent } from "../../../workers/codec/settings.ts";
import { codeTensor, emptySymbols } from "../../../workers/codec/tensorCode.ts";
import { decodeTensor } from "../../../workers/codec/tensorPayload.ts";
import { decodeUpdate, encodeUpdate, readFrame } from "../../../workers/codec/update.ts";
import { mutate, symbolsRead } from "../../support/mutatedUpdates.ts";
import { decodePlainly, Refused } from "../../support/plainUpdateDecoder.ts";
import { heavyTailed, SAMPLE_HEADER, seededRandom } from "../../support/pseudoGradients.ts";

const SETTINGS = { topK: 8, chunk: 128 };
const SHAPES = [[300], [16, 4], [1], [0], [50, 10]];
const SIZES = [300, 64, 1, 0, 500];
const SPECS = SHAPES.map((shape, index) => ({ name: `t${index}`, shape }));
const OPTIONS = { specs: SPECS, ...SETTINGS, maxBytes: 4096 };
const VALID = encodeUpdate(
  SAMPLE_HEADER,
  SPECS,
  // Of the last one column is larger than the others.
  SIZES.map((size, index) =>
    heavyTailed(size, index + 1, 0.5).map((value, at) => (index === 4 && at % 10 === 3 ? -9e-3 : value)),
  ),
  SETTINGS,
).bytes;

type Outcome = "refused" | "valid";

/** Decodes with both decoders: they must agree, fail with a typed error only, and yield sound values. */
function decodeBoth(bytes: Uint8Array, what: string): Outcome {
  const plain = outcomeOf(() => decodePlainly(bytes, { shapes: SHAPES, ...SETTINGS }), Refused);
  const outcome = outcomeOf(() => assertSound(bytes), CodecError);
  assert.equal(outcome, plain, `decoders differ: ${what}`);
  return outcome;
}

function outcomeOf(decode: () => unknown, refusal: typeof CodecError | typeof Refused): Outcome {
  try {
    decode();
    return "valid";
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
    return "refused";
  }
}

function assertSound(bytes: Uint8Array): void {
  const { tensors } = decodeUpdate(bytes, OPTIONS);
  tensors.forEach(({ positions, values }, index) => {
    positions.forEach((position, i) => {
      assert.ok(position < SIZES[index] && (i === 0 || position > positions[i - 1]), `position ${position}`);
      assert.ok(Number.isFinite(values[i]) && values[i] !== 0, `value ${values[i]}`);
    });
  });
  for (const [index, payload] of readFrame(bytes, OPTIONS).payloads.entries())
    assertCanonical(payload, extentOf(SPECS[index]));
}

/** Whatever decodes is what the encoder makes of the decoded symbols. */
function assertCanonical(payload: Uint8Array, extent: TensorExtent): void {
  const symbols = emptySymbols(extent.size, SETTINGS);
  const decoder = new RangeDecoder(PRIORS, payload);
  codeTensor(decoder, extent, SETTINGS, symbols);
  decoder.finish();
  const encoder = new RangeEncoder(PRIORS);
  codeTensor(encoder, extent, SETTINGS, symbols);
  assert.deepEqual(encoder.finish(), Uint8Array.from(payload));
}

test("decodeUpdate, every single bit flipped, refused or another valid update", () => {
  const outcomes = { refused: 0, valid: 0 };
  for (let bit = 0; bit < VALID.length * 8; bit++) {
    const bytes = VALID.slice();
    bytes[bit >> 3] ^= 1 << (bit & 7);
    outcomes[decodeBoth(bytes, `bit ${bit}`)] += 1;
  }
  assert.ok(outcomes.refused > 0 && outcomes.valid > 0, JSON.stringify(outcomes));
});

test("decodeUpdate, cut at any byte with or without the length corrected, refused", () => {
  for (let length = 0; length < VALID.length; length++) {
    const bytes = VALID.slice(0, length);
    assert.equal(decodeBoth(bytes, `cut at ${length}`), "refused");
    if (length < 153) continue;
    new DataView(bytes.buffer).setUint32(149, length, true);
    assert.equal(decodeBoth(bytes, `cut at ${length}, length corrected`), "refused");
  }
});

test("decodeUpdate, bytes appended or inserted with the total length corrected, refused or canonical", () => {
  const random = seededRandom(7);
  for (let trial = 0; trial < 1500; trial++) {
    const at = trial < 300 ? VALID.length : 153 + Math.floor(random() * (VALID.length - 153));
    const extra = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      trial % 3 === 0 ? 0 : Math.floor(random() * 256),
    );
    const bytes = Uint8Array.from([...VALID.subarray(0, at), ...extra, ...VALID.subarray(at)]);
    new DataView(bytes.buffer).setUint32(149, bytes.length, true);
    decodeBoth(bytes, `trial ${trial}`);
  }
});

test("decodeUpdate, several random bytes, refused or another valid update", () => {
  const random = seededRandom(8);
  for (let trial = 0; trial < 6000; trial++) {
    const bytes = VALID.slice();
    const changes = 1 + Math.floor(random() * 4);
    for (let i = 0; i < changes; i++) {
      bytes[145 + Math.floor(random() * (VALID.length - 145))] = Math.floor(random() * 256);
    }
    decodeBoth(bytes, `trial ${trial}`);
  }
});

test("decodeTensor, random payloads, refused or what the encoder makes of their symbols", () => {
  const random = seededRandom(9);
  let valid = 0;
  for (let trial = 0; trial < 20_000; trial++) {
    const size = [0, 1, 2, 16, 17, 40][trial % 6];
    const extent = { size, width: trial % 4 < 2 ? Math.max(1, size) : 1 + (trial % 3) };
    const payload = Uint8Array.from({ length: trial % 8 }, () => Math.floor(random() * 256));
    try {
      decodeTensor(payload, extent, SETTINGS);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      continue;
    }
    assertCanonical(payload, extent);
    valid += 1;
  }
  assert.ok(valid > 100, `${valid} valid`);
});

test("decodeUpdate, a broken frame, its own code", () => {
  const changed = (change: (bytes: Uint8Array, view: DataView) => void) => {
    const bytes = VALID.slice();
    change(bytes, new DataView(bytes.buffer));
    return bytes;
  };
  const kept = new DataView(VALID.buffer).getUint32(145, true);
  const cases: [CodecErrorCode, Uint8Array][] = [
    ["CODEC_TRUNCATED", new Uint8Array(0)],
    ["CODEC_TRUNCATED", VALID.slice(0, 152)],
    ["CODEC_TRUNCATED", changed((_, view) => view.setUint32(149, 155, true)).slice(0, 155)],
    ["CODEC_TOO_LARGE", new Uint8Array(4097)],
    ["CODEC_MAGIC", changed((bytes) => bytes.fill(0, 0, 1))],
    ["CODEC_VERSION", changed((bytes) => bytes.fill(1, 4, 5))],
    ["CODEC_LENGTH", changed((_, view) => view.setUint32(149, VALID.length + 1, true))],
    ["CODEC_LENGTH", changed((bytes) => bytes.fill(bytes[153] + 1, 153, 154))],
    ["CODEC_LENGTH", changed((bytes) => bytes.fill(255, 153, 158))],
    ["CODEC_NOT_CANONICAL", changed((bytes) => bytes.set([128, 0], 153))],
    ["CODEC_KEPT", changed((_, view) => view.setUint32(145, kept - 1, true))],
    ["CODEC_KEPT", changed((_, view) => view.setUint32(145, 0xffff_ffff, true))],
  ];
  cases.forEach(([code, bytes], index) => {
    assert.throws(
      () => decodeUpdate(bytes, OPTIONS),
      (error) => error instanceof CodecError && error.code === code && !error.retryable,
      `case ${index}: ${code}`,
    );
  });
});

test("decodeUpdate, the cheapest bytes for large tensors, reads at most twice a valid update's symbols", () => {
  const size = 300 * 4096;
  const settings = { topK: 64, chunk: 4096 };
  const options = { specs: [{ name: "t", shape: [size] }], ...settings, maxBytes: 2 ** 20 };
  const valid = encodeUpdate(SAMPLE_HEADER, options.specs, [heavyTailed(size, 1)], settings).bytes;
  const start = valid.length - readFrame(valid, options).payloads[0].length;
  const reference = symbolsRead(valid, options);
  for (const byte of [0, 1, 0x55, 0xaa, 0xfe]) {
    const symbols = symbolsRead(valid.slice().fill(byte, start), options);
    assert.ok(symbols <= 2 * reference, `bytes ${byte}: ${symbols} symbols against ${reference}`);
  }
});

test("decodeUpdate, some hundred mutations, both decoders agree, at most twice a valid update's symbols", () => {
  const random = seededRandom(10);
  const reference = symbolsRead(VALID, OPTIONS);
  const outcomes = { refused: 0, valid: 0 };
  for (let trial = 0; trial < 600; trial++) {
    const bytes = mutate(VALID, random);
    outcomes[decodeBoth(bytes, `trial ${trial}`)] += 1;
    const symbols = symbolsRead(bytes, OPTIONS);
    assert.ok(symbols <= 2 * reference, `trial ${trial}: ${symbols} symbols against ${reference}`);
  }
  assert.ok(outcomes.refused > 0 && outcomes.valid > 0, JSON.stringify(outcomes));
});
