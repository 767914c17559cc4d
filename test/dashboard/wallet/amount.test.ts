import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sharesFor } from "../../../dashboard/src/wallet/actions.ts";
import { amountOf, releaseTime } from "../../../dashboard/src/wallet/amount.ts";

const wei = 10n ** 18n;

describe("amountOf", () => {
  it("whole tokens and decimals, to the wei", () => {
    for (const [text, expected] of [
      ["12.5", (125n * wei) / 10n],
      [" 7 ", 7n * wei],
      [".5", wei / 2n],
      ["3.", 3n * wei],
      ["0.000000000000000001", 1n],
    ] as const) {
      assert.deepEqual(amountOf(text, 1000n * wei), { wei: expected }, text);
    }
  });

  it("everything that is held: taken; a wei more: ABOVE_MAXIMUM", () => {
    assert.deepEqual(amountOf("5", 5n * wei), { wei: 5n * wei });
    assert.deepEqual(amountOf("5.000000000000000001", 5n * wei), { problem: "ABOVE_MAXIMUM" });
  });

  it("blank, zero and what is no amount: said apart", () => {
    assert.deepEqual(amountOf(" ", wei), { problem: "EMPTY" });
    assert.deepEqual(amountOf("0.0", wei), { problem: "ZERO" });
    for (const text of ["1,5", "1e3", "-1", "0x1", "1.0000000000000000001", ".", "1 000", "٣"]) {
      assert.deepEqual(amountOf(text, wei), { problem: "NOT_AN_AMOUNT" }, text);
    }
  });
});

describe("releaseTime", () => {
  it("the start of the epoch after the whole ones that stake waits", () => {
    const clock = { genesis: 1000, period: 20, tempo: 3 };
    assert.equal(releaseTime(clock, 15, 2), 1000 + 18 * 60);
  });
});

describe("sharesFor", () => {
  it("rounded up, so that they are worth the amount; never more than are held", () => {
    assert.equal(sharesFor(10n, 100n, 300n), 4n);
    assert.equal(sharesFor(300n, 100n, 300n), 100n);
    assert.equal(sharesFor(999n, 100n, 300n), 100n);
    assert.equal(sharesFor("all", 100n, 300n), 100n);
  });

  it("holding none: one, which the contract refuses", () => {
    assert.equal(sharesFor("all", 0n, 0n), 1n);
  });
});
