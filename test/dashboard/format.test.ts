import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  bytes,
  compact,
  count,
  dateTime,
  decimal,
  duration,
  exactTokens,
  percent,
  printable,
  scaledText,
  short,
  tokens,
  weiOf,
} from "../../dashboard/src/format.ts";

const plain = (text: string) => text.replaceAll("\u202f", " ");

describe("weiOf and exactTokens", () => {
  it("any amount: written out and read again, the same wei", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), (wei) => {
        assert.equal(weiOf(exactTokens(wei)), wei);
      }),
    );
  });

  it("all decimals count, none is rounded", () => {
    assert.equal(weiOf("1050840.123456789012345678"), 1_050_840_123_456_789_012_345_678n);
    assert.equal(exactTokens(1n), "0.000000000000000001");
    assert.equal(exactTokens(12_500_000_000_000_000_000n), "12.5");
    assert.equal(exactTokens(weiOf("7.0")), "7");
  });

  it("what is no amount: RangeError", () => {
    for (const text of ["", "-1", "1e5", "1.", ".5", "1.0000000000000000001", "NaN", "0x10", "1,5"]) {
      assert.throws(() => weiOf(text), RangeError, text);
    }
  });
});

describe("figures for reading", () => {
  it("tokens: rounded down, small ones not as nothing", () => {
    assert.equal(plain(tokens("1234567.899")), "1 234 567.89");
    assert.equal(tokens("0"), "0.00");
    assert.equal(tokens("0.00012345"), "0.0001234");
  });

  it("count, compact, bytes: units and thousands", () => {
    assert.equal(plain(count(1_234_567)), "1 234 567");
    assert.deepEqual(
      [0, 999, 1000, 1_540_000, 72e9, 3e16].map((value) => plain(compact(value))),
      ["0", "999", "1.00 k", "1.54 M", "72.0 G", "30.0 P"],
    );
    assert.equal(plain(bytes(999)), "999 B");
    assert.equal(plain(bytes(41_205)), "41.2 kB");
  });

  it("percent and decimal: dashes for what is not there", () => {
    assert.deepEqual(
      [0, 0.00123, 0.28, 1].map((value) => plain(percent(value))),
      ["0.0 %", "0.12 %", "28.0 %", "100.0 %"],
    );
    assert.equal(decimal(null), "–");
    assert.equal(decimal(Number.NaN), "–");
    assert.equal(decimal(2.34567), "2.3457");
  });

  it("duration: each unit at its bound, never negative", () => {
    const shown = [-5, 59, 60, 3599, 3600, 86_399, 86_400, 200_000].map((value) => plain(duration(value)));
    assert.deepEqual(shown, [
      "0 s",
      "59 s",
      "1 min 00 s",
      "59 min 59 s",
      "1 h 00 min",
      "23 h 59 min",
      "1 d 0 h",
      "2 d 7 h",
    ]);
  });

  it("dateTime: UTC; a time that is none is a dash", () => {
    assert.equal(dateTime(1_790_000_000), "2026-09-21 14:13:20");
    assert.equal(dateTime(Number.MAX_VALUE), "–");
  });

  it("scaledText: ticks a step apart differ, all in the unit of the largest", () => {
    const ticks = (values: readonly number[], step: number) =>
      values.map((value) => plain(scaledText(value, Math.max(...values), step)));
    assert.deepEqual(ticks([0, 2.5, 5], 2.5), ["0.0", "2.5", "5.0"]);
    assert.deepEqual(ticks([1_050_200, 1_050_400], 200), ["1.0502 M", "1.0504 M"]);
    assert.deepEqual(ticks([0, 100], 100), ["0", "100"]);
  });

  it("short: head and tail of a long text, a short one whole", () => {
    assert.equal(short(`0x${"ab".repeat(20)}`), "0xabab…abab");
    assert.equal(short("0xabcdefabc"), "0xabcdefabc");
  });

  it("printable: what hides or turns text around becomes a question mark", () => {
    assert.equal(printable("a\u202eb\u0000c\u200bd\u2028e"), "a?b?c?d?e");
    assert.equal(printable("<b>Zoë 織</b>"), "<b>Zoë 織</b>");
  });
});
