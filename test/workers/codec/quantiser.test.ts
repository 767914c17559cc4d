import assert from "node:assert/strict";
import { test } from "node:test";
import {
  LEVEL_BIT,
  magnitudeOf,
  nearestScale,
  quantiseChunk,
  SCALE_MAX,
  SCALE_MIN,
  SIGN_BIT,
} from "../../../workers/codec/quantiser.ts";
import { heavyTailed } from "../../support/pseudoGradients.ts";

test("magnitudeOf, every grid point and level, 2^(scale/16 + level) to fp32 precision, finite and normal", () => {
  for (let scale = SCALE_MIN; scale <= SCALE_MAX; scale++) {
    for (const level of [0, 1]) {
      const exact = 2 ** (scale / 16 + level);
      const magnitude = magnitudeOf(scale, level);
      assert.ok(Math.abs(magnitude / exact - 1) <= 2 ** -23, `scale ${scale}`);
      assert.ok(magnitude >= 2 ** -126 && magnitude < 2 ** 127, `scale ${scale}`);
    }
  }
});

test("nearestScale, every grid point, is itself; beyond the ends, the ends", () => {
  for (let scale = SCALE_MIN; scale <= SCALE_MAX; scale++) {
    assert.equal(nearestScale(magnitudeOf(scale, 0)), scale);
    if (scale === SCALE_MAX) continue;
    const middle = (magnitudeOf(scale, 0) + magnitudeOf(scale + 1, 0)) / 2;
    assert.equal(nearestScale(middle * 0.9999), scale, `below the middle above ${scale}`);
    assert.equal(nearestScale(middle * 1.0001), scale + 1, `above the middle above ${scale}`);
  }
  assert.equal(nearestScale(0), SCALE_MIN);
  assert.equal(nearestScale(3.4e38), SCALE_MAX);
});

function squaredError(values: Float32Array, codes: Uint8Array, scale: number): number {
  return values.reduce((sum, value, i) => {
    const magnitude = magnitudeOf(scale, (codes[i] & LEVEL_BIT) === 0 ? 0 : 1);
    return sum + (value - ((codes[i] & SIGN_BIT) === 0 ? magnitude : -magnitude)) ** 2;
  }, 0);
}

test("quantiseChunk, magnitudes of two sizes, two levels that both occur and lose little", () => {
  const values = Float32Array.from(
    { length: 64 },
    (_, i) => (i % 2 === 0 ? 1 : -1) * (i % 8 === 0 ? 2 : 1) * 1.01,
  );
  const codes = new Uint8Array(64);
  const { scale, spread } = quantiseChunk(values, codes, 0, 64);
  assert.equal(spread, 1);
  assert.deepEqual(
    [...codes],
    [...values].map((value) => (value < 0 ? SIGN_BIT : 0) | (Math.abs(value) > 1.5 ? LEVEL_BIT : 0)),
  );
  assert.ok(
    squaredError(values, codes, scale) < 0.001 * values.reduce((sum, value) => sum + value * value, 0),
  );
});

test("quantiseChunk, any chunk, one level has no level bits and two levels both occur", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const count = 1 + (seed % 64);
    const values = heavyTailed(count, seed, (seed % 5) * 0.4).map((value) => value || 1);
    const codes = new Uint8Array(count).fill(255);
    const { spread } = quantiseChunk(values, codes, 0, count);
    const high = codes.filter((code) => (code & LEVEL_BIT) !== 0).length;
    assert.ok(spread === 0 ? high === 0 : high > 0 && high < count, `seed ${seed}`);
    codes.forEach((code, i) => {
      assert.equal((code & SIGN_BIT) !== 0, values[i] < 0, `seed ${seed}, value ${i}`);
    });
  }
});
