import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exactTokens, weiOf } from "../../dashboard/src/format.ts";
import { disagreementsOf, type Receipt, type ReceiptPay, shareOf } from "../../dashboard/src/receipt.ts";
import { receipt } from "../support/fixtureReceipt.ts";

const payOf = (uid: number): ReceiptPay => {
  const { pay } = receipt(uid, 13) as Receipt;
  assert.ok(pay !== null);
  return pay;
};
const oneMore = (amount: string) => exactTokens(weiOf(amount) + 1n);

describe("disagreementsOf", () => {
  it("receipts of miners and validators: none", () => {
    for (const uid of [0, 1, 2, 3, 4, 5, 6, 7])
      assert.deepEqual(disagreementsOf(payOf(uid)), [], `uid ${uid}`);
  });

  it("any amount one wei off: the equations it stands in", () => {
    const miner = payOf(0);
    const { emission } = miner;
    assert.deepEqual(disagreementsOf({ ...miner, total: oneMore(miner.total) }), ["total"]);
    assert.deepEqual(disagreementsOf({ ...miner, bounty: oneMore(miner.bounty) }), ["total"]);
    assert.deepEqual(disagreementsOf({ ...miner, take: oneMore(miner.take) }), ["split"]);
    assert.deepEqual(disagreementsOf({ ...miner, incentive: oneMore(miner.incentive) }), [
      "incentive",
      "total",
      "creditedIncentive",
    ]);
    assert.deepEqual(disagreementsOf({ ...miner, emission: { ...emission, pot: oneMore(emission.pot) } }), [
      "pot",
    ]);
    const minersPot = oneMore(emission.minersPot);
    assert.deepEqual(disagreementsOf({ ...miner, emission: { ...emission, minersPot } }), ["minersPot"]);
  });

  it("a validator's dividend that the chain did not credit: said", () => {
    const validator = payOf(6);
    const credited = { ...validator.credited, dividend: "0" };
    assert.deepEqual(disagreementsOf({ ...validator, credited }), ["creditedDividend"]);
  });

  it("votes that do not sum to the rank, and a share that does not follow from it", () => {
    const miner = payOf(0);
    const votes = miner.votes.slice(1);
    assert.deepEqual(disagreementsOf({ ...miner, votes }), ["rank"]);
    const rankSum = String(BigInt(miner.rankSum) / 2n);
    assert.deepEqual(disagreementsOf({ ...miner, rankSum }), ["incentiveShare"]);
  });

  it("what the projector itself found to disagree is kept, each once", () => {
    const miner = payOf(0);
    const given = { ...miner, total: oneMore(miner.total), disagreements: ["consensus", "total"] };
    assert.deepEqual(disagreementsOf(given), ["total", "consensus"]);
  });
});

describe("shareOf", () => {
  it("Q32 as a share", () => {
    assert.equal(shareOf(String(2n ** 31n)), 0.5);
    assert.equal(shareOf("0"), 0);
  });
});
