import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError, type CodecErrorCode } from "../../../workers/codec/errors.ts";
import type { UpdateHeader } from "../../../workers/codec/header.ts";
import type { CodecSettings } from "../../../workers/codec/settings.ts";
import type { SparseTensor } from "../../../workers/codec/sparseTensor.ts";
import { decodeUpdate, encodeUpdate } from "../../../workers/codec/update.ts";
import { parameterCount, type TensorSpec } from "../../../workers/protocol/tensors.ts";
import { decodePlainly } from "../../support/plainUpdateDecoder.ts";
import { heavyTailed, heavyTailedTensors, llamaSpecs, SAMPLE_HEADER } from "../../support/pseudoGradients.ts";
import vectors from "../../vectors/update-format.json" with { type: "json" };

const DEFAULTS: CodecSettings = { topK: 64, chunk: 4096 };
const specsOf = (shapes: readonly (number | readonly number[])[]) =>
  shapes.map((shape, index) => ({ name: `t${index}`, shape: [shape].flat() }));
const shapesOf = (specs: readonly TensorSpec[]) => specs.map(({ shape }) => [...shape]);
const hasCode = (code: CodecErrorCode) => (error: unknown) =>
  error instanceof CodecError && error.code === code;

function floatsOf(words: string): Float32Array {
  const bytes = Buffer.from(words, "hex");
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatBE(4 * i));
}

function assertSameTensors(actual: readonly SparseTensor[], expected: readonly SparseTensor[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((tensor, index) => {
    assert.deepEqual(tensor.positions, expected[index].positions, `positions of tensor ${index}`);
    assert.deepEqual(tensor.values, expected[index].values, `values of tensor ${index}`);
  });
}

function assertPlainDecoderAgrees(
  bytes: Uint8Array,
  settings: CodecSettings,
  specs: readonly TensorSpec[],
  tensors: SparseTensor[],
) {
  const plain = decodePlainly(bytes, { shapes: shapesOf(specs), ...settings });
  const { tensors: plainTensors, ...header } = plain;
  assert.deepEqual(header, SAMPLE_HEADER);
  assertSameTensors(
    plainTensors.map(({ positions, values }) => ({
      positions: Uint32Array.from(positions),
      values: Float32Array.from(values),
    })),
    tensors,
  );
}

for (const { name, topK, chunk, shapes, dense, update, tensors } of vectors.cases) {
  test(`encodeUpdate and decodeUpdate, vector "${name}", exactly`, () => {
    const expected = tensors.map(({ positions, values }) => ({
      positions: Uint32Array.from(positions),
      values: floatsOf(values),
    }));
    const encoded = encodeUpdate(SAMPLE_HEADER, specsOf(shapes), dense.map(floatsOf), { topK, chunk });
    assert.equal(Buffer.from(encoded.bytes).toString("hex"), update);
    assertSameTensors(encoded.tensors, expected);
    const options = { specs: specsOf(shapes), topK, chunk, maxBytes: encoded.bytes.length };
    const decoded = decodeUpdate(Buffer.from(update, "hex"), options);
    assert.deepEqual(decoded.header, { ...vectors.header, neuronId: BigInt(vectors.header.neuronId) });
    assertSameTensors(decoded.tensors, expected);
    assertPlainDecoderAgrees(encoded.bytes, { topK, chunk }, specsOf(shapes), expected);
  });
}

const magnitudes = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, 1, -1, 2, -2, 1e-40, -1e-45) },
  { weight: 1, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
);
/** Values of a matrix with an extent of its rows; of few chunks some column is larger than the others. */
const input = fc.record({
  width: fc.integer({ min: 1, max: 9 }),
  large: fc.nat(8),
  dense: fc.array(fc.array(magnitudes, { maxLength: 150 }), { maxLength: 5 }),
  chunk: fc.integer({ min: 1, max: 64 }),
  topKShare: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("decodeUpdate, any encoded tensors and settings, what encodeUpdate returned; the plain decoder agrees", () => {
  fc.assert(
    fc.property(input, ({ dense, chunk, topKShare, width, large }) => {
      const settings = { chunk, topK: 1 + Math.floor(topKShare * (chunk - 1)) };
      const floats = dense.map((values) =>
        Float32Array.from(values.slice(0, values.length - (values.length % width)), (value, at) =>
          at % width === large ? 10 * Math.abs(value) + 1 : value,
        ),
      );
      const specs = specsOf(floats.map(({ length }) => [length / width, width]));
      const { bytes, tensors } = encodeUpdate(SAMPLE_HEADER, specs, floats, settings);
      const decoded = decodeUpdate(bytes, { specs, ...settings, maxBytes: bytes.length });
      assert.deepEqual(decoded.header, SAMPLE_HEADER);
      assertSameTensors(decoded.tensors, tensors);
      assertPlainDecoderAgrees(bytes, settings, specs, tensors);
      tensors.forEach(({ positions, values }, index) => {
        positions.forEach((position, i) => {
          assert.equal(values[i] < 0, floats[index][position] < 0, `sign of ${position} in tensor ${index}`);
        });
      });
    }),
    { seed: 21, numRuns: 400 },
  );
});

test("encodeUpdate, a llama of dim 96 and 3 layers, at least 220 times smaller; the plain decoder agrees", () => {
  const specs = llamaSpecs(96, 3, 256);
  const dense = heavyTailedTensors(specs, 4, 0.3);
  const { bytes, tensors } = encodeUpdate(SAMPLE_HEADER, specs, dense, DEFAULTS);
  const ratio = (4 * parameterCount(specs)) / bytes.length;
  assert.ok(ratio >= 220, `ratio ${ratio}`);
  assertPlainDecoderAgrees(bytes, DEFAULTS, specs, tensors);
});

test("encodeUpdate, rows that are large in the same columns with the same signs, a tenth smaller than strangers", () => {
  const [rows, width] = [256, 128];
  const sizeOf = (common: boolean) => {
    const dense = heavyTailed(rows * width, 5, 0.3).map((value, at) => {
      const column = common ? at % width : (at * 31 + (at >> 7) * 57) % width;
      return column % 16 === 5 ? -Math.abs(8 * value) : value;
    });
    const specs = specsOf([[rows, width]]);
    const { bytes, tensors } = encodeUpdate(SAMPLE_HEADER, specs, [dense], DEFAULTS);
    assertSameTensors(decodeUpdate(bytes, { specs, ...DEFAULTS, maxBytes: bytes.length }).tensors, tensors);
    assertPlainDecoderAgrees(bytes, DEFAULTS, specs, tensors);
    return bytes.length - 153;
  };
  assert.ok(sizeOf(true) < 0.9 * sizeOf(false), `${sizeOf(true)} bytes against ${sizeOf(false)}`);
});

test("encodeUpdate, large tensors, at least 240 times smaller with an error of kept values below 0.06", () => {
  for (const tail of [0, 0.2, 0.4]) {
    const dense = [heavyTailed(300 * 4096, 17, tail)];
    const { bytes, tensors } = encodeUpdate(SAMPLE_HEADER, specsOf([dense[0].length]), dense, DEFAULTS);
    const ratio = (4 * dense[0].length) / bytes.length;
    let error = 0;
    let energy = 0;
    tensors[0].positions.forEach((position, i) => {
      error += (dense[0][position] - tensors[0].values[i]) ** 2;
      energy += dense[0][position] ** 2;
    });
    assert.ok(ratio >= 240, `tail ${tail}: ratio ${ratio}`);
    assert.ok(error / energy <= 0.06, `tail ${tail}: error ${error / energy}`);
  }
});

test("encodeUpdate, tensors that do not fit their specs, CODEC_SHAPE", () => {
  const encode = (sizes: number[], dense: Float32Array[]) =>
    encodeUpdate(SAMPLE_HEADER, specsOf(sizes), dense, DEFAULTS);
  assert.throws(() => encode([3], []), hasCode("CODEC_SHAPE"));
  assert.throws(() => encode([3], [new Float32Array(4)]), hasCode("CODEC_SHAPE"));
  assert.throws(() => encode([], [new Float32Array(0)]), hasCode("CODEC_SHAPE"));
});

test("encodeUpdate, NaN or infinity, CODEC_NOT_FINITE naming the tensor", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const dense = [Float32Array.of(1, 2), Float32Array.of(0, bad, 1)];
    assert.throws(
      () => encodeUpdate(SAMPLE_HEADER, specsOf([2, 3]), dense, DEFAULTS),
      (error) =>
        hasCode("CODEC_NOT_FINITE")(error) && error instanceof CodecError && error.data.tensor === "t1",
    );
  }
});

test("encodeUpdate, settings out of bounds, CODEC_SETTINGS", () => {
  const bad = [
    { topK: 0, chunk: 8 },
    { topK: 9, chunk: 8 },
    { topK: 1.5, chunk: 8 },
    { topK: 1, chunk: 65_537 },
    { topK: Number.NaN, chunk: 8 },
  ];
  for (const settings of bad) {
    assert.throws(
      () => encodeUpdate(SAMPLE_HEADER, [], [], settings),
      hasCode("CODEC_SETTINGS"),
      `${settings.topK}`,
    );
    const options = { specs: [], maxBytes: 1000, ...settings };
    assert.throws(
      () => decodeUpdate(new Uint8Array(153), options),
      hasCode("CODEC_SETTINGS"),
      `${settings.topK}`,
    );
  }
  encodeUpdate(SAMPLE_HEADER, [], [], { topK: 65_536, chunk: 65_536 });
});

test("encodeUpdate, header fields that do not fit, CODEC_HEADER naming the field", () => {
  const bad: Partial<UpdateHeader>[] = [
    { round: -1 },
    { round: 2 ** 32 },
    { round: 0.5 },
    { neuronId: -1n },
    { neuronId: 2n ** 64n },
    { manifestHash: "0x12" },
    { parentRoot: `0x${"zz".repeat(32)}` },
    { stateBefore: `0x${"00".repeat(33)}` },
    { stateAfter: "0x" },
  ];
  for (const change of bad) {
    const [field] = Object.keys(change);
    assert.throws(
      () => encodeUpdate({ ...SAMPLE_HEADER, ...change }, [], [], DEFAULTS),
      (error) => hasCode("CODEC_HEADER")(error) && error instanceof CodecError && error.data.field === field,
      field,
    );
  }
});
