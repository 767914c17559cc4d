import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { updateColumns } from "../../dashboard/src/columns/updates.ts";
import {
  lackingOf,
  lossesOf,
  loweringOf,
  medianOf,
  penaltiesOf,
  totalsOf,
} from "../../dashboard/src/round.ts";
import { lastRound, roundPage } from "../support/fixtureRun.ts";

const page = roundPage(46);

describe("lossesOf", () => {
  it("pairs of numbers alone", () => {
    const pair = { before: 2, after: 1 };
    assert.deepEqual(lossesOf({ own: pair, random: pair }), { own: pair, random: pair });
    for (const losses of [
      null,
      undefined,
      7,
      "x",
      [],
      {},
      { own: pair },
      { own: pair, random: { before: "2", after: 1 } },
    ]) {
      assert.equal(lossesOf(losses), undefined, JSON.stringify(losses));
    }
  });
});

describe("figures of updates", () => {
  it("median: the lower one, null of none", () => {
    assert.equal(medianOf([3, 1, 2]), 2);
    assert.equal(medianOf([4, 1, 3, 2]), 2);
    assert.equal(medianOf([]), null);
  });

  it("lowering of the loss: null where no validator measured", () => {
    assert.ok(Math.abs((loweringOf(page.updates[0], "own") ?? 0) - 0.09) < 1e-12);
    assert.equal(loweringOf(page.updates[4], "random"), null);
  });

  it("penalties: each once", () => {
    assert.deepEqual(penaltiesOf(page.updates[4]), ["copy"]);
  });

  it("totals: of a round that is over, and of one that runs", () => {
    const bytes = page.updates.reduce((sum, update) => sum + update.bytes, 0);
    assert.deepEqual(totalsOf(page), { committed: 5, revealed: 5, gathered: 4, bytes });
    assert.deepEqual(totalsOf(roundPage(lastRound)), { committed: 3, revealed: 0, gathered: 0, bytes: 0 });
  });

  it("what an attestation lacks: uids of the round's updates, ascending, and no others", () => {
    const [attestation] = page.attestations;
    const of = (uids: readonly number[]) => lackingOf(page, { ...attestation, uids });
    assert.deepEqual(of([3, 0, 200]), [1, 2, 4]);
    assert.deepEqual(of([0, 1, 2, 3, 4]), []);
  });

  it("why: a copy names its original, once", () => {
    const column = updateColumns(page).find(({ key }) => key === "why");
    assert.match(column?.text(page.updates[4]) ?? "", /Validators: copies uid 1\.$/);
  });
});
