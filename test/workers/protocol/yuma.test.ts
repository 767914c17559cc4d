import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ONE, settleYuma, type YumaParameters } from "../../../workers/protocol/yuma.ts";

interface VectorEpoch {
  weights: number[][];
  bondsBefore: number[][];
  consensusQ32: string[];
  incentiveQ32: string[];
  dividendsQ32: string[];
  bondsAfter: number[][];
}
interface VectorCase {
  stake: string[];
  kappaU16: number;
  bondsPenaltyU16: number;
  bondsMovingAverageMillionths: number;
  epochs: VectorEpoch[];
}

const vectors: { cases: VectorCase[] } = JSON.parse(
  readFileSync(new URL("../../vectors/yuma3.json", import.meta.url), "utf8"),
);
const parameters: YumaParameters = {
  kappaU16: 32_767,
  bondsMovingAverageMillionths: 900_000,
  bondsPenalty: 1,
};

test("settleYuma, every epoch of every vector, exact figures", () => {
  assert.equal(vectors.cases.length, 40);
  for (const [number, vector] of vectors.cases.entries()) {
    for (const [epoch, expected] of vector.epochs.entries()) {
      const result = settleYuma(
        { stake: vector.stake.map(BigInt), weights: expected.weights, previousBonds: expected.bondsBefore },
        {
          kappaU16: vector.kappaU16,
          bondsMovingAverageMillionths: vector.bondsMovingAverageMillionths,
          bondsPenalty: vector.bondsPenaltyU16 === 0 ? 0 : 1,
        },
      );
      const where = `case ${number}, epoch ${epoch}`;
      assert.deepEqual(result.consensus.map(String), expected.consensusQ32, where);
      assert.deepEqual(result.incentive.map(String), expected.incentiveQ32, where);
      assert.deepEqual(result.dividends.map(String), expected.dividendsQ32, where);
      assert.deepEqual(result.bonds, expected.bondsAfter, where);
    }
  }
});

const networks = fc
  .record({ validators: fc.integer({ min: 1, max: 6 }), columns: fc.integer({ min: 1, max: 8 }) })
  .chain(({ validators, columns }) => {
    const u16 = fc.integer({ min: 0, max: 65_535 });
    const matrix = fc.array(
      fc.array(fc.oneof(fc.constant(0), u16), { minLength: columns, maxLength: columns }),
      {
        minLength: validators,
        maxLength: validators,
      },
    );
    const stake = fc.array(fc.bigInt({ min: 0n, max: 10n ** 25n }), {
      minLength: validators,
      maxLength: validators,
    });
    return fc.record({ stake, weights: matrix, previousBonds: matrix });
  });

test("settleYuma, any input, shares sum to at most one and medians stand where the hints say", () => {
  fc.assert(
    fc.property(networks, (input) => {
      const result = settleYuma(input, parameters);
      const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);
      assert.ok(sum(result.incentive) <= ONE);
      assert.ok(sum(result.dividends) <= ONE);
      for (const [j, hint] of result.medianHints.entries()) {
        const row = input.weights[hint];
        const total = row.reduce((a, b) => a + b, 0);
        const weight = total === 0 ? 0n : (BigInt(row[j]) << 32n) / BigInt(total);
        assert.equal(weight, result.consensus[j], `column ${j}`);
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});

test("settleYuma, a minority's favourite, no incentive", () => {
  const result = settleYuma(
    {
      stake: [60n, 40n],
      weights: [
        [1, 0],
        [0, 1],
      ],
      previousBonds: [
        [0, 0],
        [0, 0],
      ],
    },
    parameters,
  );
  assert.deepEqual(
    result.incentive.map((share) => share > 0n),
    [true, false],
  );
});

test("settleYuma, nobody has stake, nobody is paid", () => {
  const input = { stake: [0n, 0n], weights: [[1], [1]], previousBonds: [[9], [9]] };
  const result = settleYuma(input, parameters);
  assert.deepEqual(result.incentive, [0n]);
  assert.deepEqual(result.dividends, [0n, 0n]);
  assert.deepEqual(result.bonds, [[0], [0]]);
});

test("settleYuma, no validators, empty result", () => {
  const result = settleYuma({ stake: [], weights: [], previousBonds: [] }, parameters);
  assert.deepEqual(result.dividends, []);
});

test("settleYuma, ragged rows, YUMA_SHAPE", () => {
  const input = { stake: [1n, 1n], weights: [[1, 2], [1]], previousBonds: [[0, 0], [0]] };
  assert.throws(() => settleYuma(input, parameters), { code: "YUMA_SHAPE" });
});
