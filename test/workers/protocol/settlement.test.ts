import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hex } from "viem";
import { packBonds } from "../../../workers/protocol/bonds.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { type PreparedSettlement, prepareSettlement } from "../../../workers/protocol/settlement.ts";
import { packRow, packU64 } from "../../../workers/protocol/weights.ts";
import { ONE, type YumaParameters } from "../../../workers/protocol/yuma.ts";
import { clock, EventScript } from "./eventScript.ts";

const parameters: YumaParameters = {
  kappaU16: 32_767,
  bondsMovingAverageMillionths: 900_000,
  bondsPenalty: 1,
};

/** Validators 1 and 2 on uids 0 and 1, miners 3 and 4 on uids 2 and 3. */
function started(): EventScript {
  const script = new EventScript().at(900);
  for (const neuronId of [1n, 2n, 3n, 4n]) script.register(neuronId, Number(neuronId) - 1);
  return script.stake(1n, 60n).stake(2n, 40n).permit(0, 1n, 0, 0b01n).permit(1, 2n, 0, 0b11n);
}

function row(script: EventScript, epoch: number, uid: number, weights: readonly number[]): EventScript {
  const neuronId = BigInt(uid + 1);
  return script.add({ type: "WeightsRevealed", epoch, neuronId, uid, row: packRow(weights) });
}

/** Publishes what a prepared settlement expects, as the contract would. */
function publish(script: EventScript, settlement: PreparedSettlement, round: number): EventScript {
  const { expected, epoch, validatorNeuronIds } = settlement;
  return script.add({
    type: "EpochSettled",
    epoch,
    round,
    validatorNeuronIds,
    incentivesQ32: packU64(expected.incentive),
    dividendsQ32: packU64(expected.dividends),
    consensusQ32: packU64(expected.consensus),
    bonds: packBonds(expected.bonds),
  });
}

function prepare(script: EventScript, epoch: number): PreparedSettlement | undefined {
  const history = new RunHistory(clock);
  history.apply(script.events);
  return prepareSettlement(history, epoch, parameters);
}

const hints = (hex: Hex) => [...Buffer.from(hex.slice(2), "hex")];

test("prepareSettlement, first epoch, rows of permitted uids and empty bonds", () => {
  const script = row(row(started().inRound(4, 1), 0, 1, [0, 0, 3, 1]), 0, 0, [0, 0, 3, 1]);
  const settlement = prepare(script, 0);
  assert.deepEqual(settlement?.validatorNeuronIds, [1n, 2n]);
  assert.deepEqual(settlement?.witness.rows, ["0x0000000000030001", "0x0000000000030001"]);
  assert.deepEqual(settlement?.witness.previous, { neuronIds: [], columns: 0n, bonds: "0x" });
  assert.equal(hints(settlement?.witness.medianHints ?? "0x").length, 4);
  // The last place is lost to truncation, as on chain.
  assert.deepEqual(settlement?.expected.incentive, [0n, 0n, (ONE * 3n) / 4n, ONE / 4n - 1n]);
});

test("prepareSettlement, weight on oneself, dropped", () => {
  const script = row(row(started().inRound(4, 1), 0, 0, [9, 9, 1]), 0, 1, [0, 9, 1]);
  const [self, other, miner] = prepare(script, 0)?.expected.consensus ?? [];
  assert.equal(self, 0n);
  assert.ok(other > 0n && miner > 0n);
});

test("prepareSettlement, one validator silent, an empty row and no say", () => {
  const settlement = prepare(row(started().inRound(4, 1), 0, 1, [0, 0, 1]), 0);
  assert.deepEqual(settlement?.witness.rows, ["0x", "0x000000000001"]);
  assert.deepEqual(settlement?.expected.dividends, [0n, ONE]);
});

test("prepareSettlement, no row or no stake behind it, undefined", () => {
  assert.equal(prepare(started(), 0), undefined);
  const poor = started().inRound(0, 1).stake(1n, 0n).inRound(4, 1);
  assert.equal(prepare(row(poor, 0, 0, [0, 0, 1]), 0), undefined);
});

test("prepareSettlement, stake of the boundary after the epoch, later changes do not count", () => {
  const script = started().inRound(1, 0).stake(1n, 10n).inRound(3, 0).stake(1n, 10_000n).inRound(4, 1);
  const settlement = prepare(row(row(script, 0, 0, [0, 0, 1]), 0, 1, [0, 0, 0, 1]), 0);
  assert.deepEqual(settlement?.expected.incentive, [0n, 0n, 0n, ONE]);
});

test("prepareSettlement, uid registered in the commit window, weights and then bonds on it masked", () => {
  const script = row(row(started().inRound(3, 1), 0, 0, [0, 0, 1, 1]), 0, 1, [0, 0, 1, 1]);
  const first = prepare(script, 0);
  assert.ok(first !== undefined);
  publish(script.inRound(5, 1), first, 5);
  script.inRound(5, 2).register(5n, 3, 4n).inRound(7, 1);
  const second = prepare(row(row(script, 1, 0, [0, 0, 1, 1]), 1, 1, [0, 0, 1, 1]), 1);
  assert.deepEqual(second?.witness.previous, {
    neuronIds: [1n, 2n],
    columns: 4n,
    bonds: packBonds(first.expected.bonds),
  });
  const [, , kept, fresh] = second?.expected.bonds[0] ?? [];
  assert.ok(kept > fresh && fresh > 0);
  assert.equal(fresh, first.expected.bonds[0][2]);

  const late = started().inRound(3, 1).register(5n, 3, 4n);
  const masked = prepare(row(row(late, 0, 0, [0, 0, 1, 1]), 0, 1, [0, 0, 1, 1]), 0);
  assert.deepEqual(masked?.expected.incentive, [0n, 0n, ONE, 0n]);
});

test("prepareSettlement, uid added since the last settlement, previous bonds widen", () => {
  const script = row(started().inRound(4, 1), 0, 0, [0, 0, 1, 1]);
  const first = prepare(script, 0);
  assert.ok(first !== undefined);
  publish(script.inRound(5, 1), first, 5).inRound(5, 2).register(5n, 4);
  const second = prepare(row(script.inRound(7, 1), 1, 0, [0, 0, 1, 1, 1]), 1);
  assert.equal(second?.witness.previous.columns, 4n);
  assert.equal(second?.expected.bonds[0].length, 5);
});
