/**
 * Scales lie on a log grid of 16 steps per octave. Grid point `code` is the fp32 number with exponent
 * floor(code / 16) and the 23 mantissa bits below (2^(i/16) to the nearest fp32), so that decoding assembles bits
 * and never computes.
 */
const MANTISSAS = Uint32Array.of(
  0,
  371_395,
  759_234,
  1_164_243,
  1_587_184,
  2_028_850,
  2_490_071,
  2_971_711,
  3_474_675,
  3_999_908,
  4_548_394,
  5_121_164,
  5_719_293,
  6_343_903,
  6_996_167,
  7_677_309,
);
/** Smallest scale: 2^−126, the smallest normal fp32 number. */
export const SCALE_MIN = -2016;
/** Largest scale, below 2^126: twice it is finite. */
export const SCALE_MAX = 2015;
/** fp32 bits of the smallest magnitude that counts as a value; what is smaller counts as zero. */
export const SMALLEST_KEY = 0x0080_0000;

/** Bits of a value's code. */
export const SIGN_BIT = 1;
export const LEVEL_BIT = 2;

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);

/** fp32 value of a scale code; `level` 1 doubles it. */
export function magnitudeOf(scale: number, level: number): number {
  words[0] = (((scale >> 4) + 127 + level) << 23) | MANTISSAS[scale & 15];
  return floats[0];
}

/** Grid point nearest to `magnitude` (finite, not negative), clamped to the grid's ends. */
export function nearestScale(magnitude: number): number {
  floats[0] = magnitude;
  const mantissa = words[0] & 0x7f_ffff;
  let step = 0;
  while (step < 16 && 2 * mantissa >= MANTISSAS[step] + (step < 15 ? MANTISSAS[step + 1] : 2 ** 23))
    step += 1;
  const scale = ((words[0] >>> 23) - 127) * 16 + step;
  return Math.min(SCALE_MAX, Math.max(SCALE_MIN, scale));
}

export interface QuantisedChunk {
  scale: number;
  /** 0: all values have one magnitude. 1: each is the scale or twice the scale, and both occur. */
  spread: number;
}

/** Share of the chunk's energy that one bit per kept value must save; what one more kept value brings is 1/12. */
const ENERGY_PER_BIT = 1 / 8;

/**
 * Chooses the scale of one chunk and writes the codes (sign, level) of its values.
 * One level, or two when the fall in squared error is worth the bits.
 *
 * @param values the kept values `start … start + count`, at least one, none below the smallest normal magnitude
 */
export function quantiseChunk(
  values: Float32Array,
  codes: Uint8Array,
  start: number,
  count: number,
): QuantisedChunk {
  let sum = 0;
  let energy = 0;
  for (let i = start; i < start + count; i++) {
    const magnitude = Math.abs(values[i]);
    codes[i] = values[i] < 0 ? SIGN_BIT : 0;
    sum += magnitude;
    energy += magnitude * magnitude;
  }
  const single = { scale: nearestScale(sum / count), spread: 0 };
  const split = splitLevels(values, start, count, sum / count);
  if (split.high === 0 || split.high === count) return single;
  const share = (4 * split.high * (count - split.high)) / (count * count);
  const bits = Math.sqrt(share * Math.sqrt(share)); // close to the binary entropy, without a logarithm
  const saved = split.explained - (sum * sum) / count;
  if (saved <= ENERGY_PER_BIT * bits * energy) return single;
  const scale = nearestScale(split.low);
  const threshold = 1.5 * magnitudeOf(scale, 0);
  let high = 0;
  for (let i = start; i < start + count; i++) {
    if (Math.abs(values[i]) <= threshold) continue;
    codes[i] |= LEVEL_BIT;
    high += 1;
  }
  if (high > 0 && high < count) return { scale, spread: 1 };
  for (let i = start; i < start + count; i++) codes[i] &= SIGN_BIT;
  return single;
}

/** Least-squares scale `low` such that each value is near `low` or `2·low`: three rounds of Lloyd's iteration. */
function splitLevels(values: Float32Array, start: number, count: number, mean: number) {
  let low = mean * 0.875;
  let high = 0;
  let explained = 0;
  for (let round = 0; round < 3; round++) {
    const threshold = 1.5 * low;
    let weighted = 0;
    high = 0;
    for (let i = start; i < start + count; i++) {
      const magnitude = Math.abs(values[i]);
      if (magnitude > threshold) {
        weighted += 2 * magnitude;
        high += 1;
      } else weighted += magnitude;
    }
    low = weighted / (count + 3 * high);
    explained = weighted * low;
  }
  return { low, high, explained };
}
