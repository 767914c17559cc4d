import assert from "node:assert/strict";
import { test } from "node:test";
import { agreementOf } from "../../../workers/protocol/agreement.ts";
import { packBonds } from "../../../workers/protocol/bonds.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { prepareSettlement } from "../../../workers/protocol/settlement.ts";
import { packRow, packU64 } from "../../../workers/protocol/weights.ts";
import { ONE } from "../../../workers/protocol/yuma.ts";
import { clock, EventScript } from "./eventScript.ts";

const parameters = { kappaU16: 32_767, bondsMovingAverageMillionths: 900_000, bondsPenalty: 1 } as const;

/** Validators 1, 2 and 3 with 40, 35 and 25 of the stake on uids 0 to 2, miners on uids 3 and 4; rows by validator. */
function settled(rows: readonly (readonly number[] | undefined)[], newcomer = false) {
  const script = new EventScript().at(900);
  for (const neuronId of [1n, 2n, 3n, 4n, 5n]) script.register(neuronId, Number(neuronId) - 1);
  script.stake(1n, 40n).stake(2n, 35n).stake(3n, 25n);
  script.permit(0, 1n, 0, 0b001n).permit(1, 2n, 0, 0b011n).permit(2, 3n, 0, 0b111n);
  script.inRound(4, 1);
  if (newcomer) script.register(6n, 5);
  for (const [uid, weights] of rows.entries()) {
    if (weights === undefined) continue;
    const neuronId = BigInt(uid + 1);
    script.add({ type: "WeightsRevealed", epoch: 0, neuronId, uid, row: packRow(weights) });
  }
  const history = new RunHistory(clock);
  history.apply(script.events);
  const prepared = prepareSettlement(history, 0, parameters);
  assert.ok(prepared !== undefined);
  const { expected, validatorNeuronIds } = prepared;
  script.add({
    type: "EpochSettled",
    epoch: 0,
    round: 5,
    validatorNeuronIds,
    incentivesQ32: packU64(expected.incentive),
    dividendsQ32: packU64(expected.dividends),
    consensusQ32: packU64(expected.consensus),
    bonds: packBonds(expected.bonds),
  });
  history.apply(script.events.slice(-1));
  const [settlement] = history.settlements;
  return (neuronId: bigint) => {
    const share = agreementOf(history, settlement, neuronId);
    return share === undefined ? undefined : Number(share) / Number(ONE);
  };
}

const close = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-6, `${actual}, not ${expected}`);

test("agreementOf, rows that agree: 1; one that does not: what the majority left of it", () => {
  const agreement = settled([
    [0, 0, 0, 3, 1],
    [0, 0, 0, 3, 1],
    [0, 0, 0, 1, 3],
  ]);
  close(agreement(1n), 1);
  close(agreement(2n), 1);
  close(agreement(3n), 0.25 + 0.25);
});

test("agreementOf, weight on oneself and on who registered later: does not count", () => {
  const agreement = settled(
    [
      [0, 0, 0, 3, 1],
      [0, 0, 0, 3, 1],
      [0, 0, 9, 3, 1, 9],
    ],
    true,
  );
  close(agreement(3n), 1);
});

test("agreementOf, no row or an empty one: undefined", () => {
  const agreement = settled([[0, 0, 0, 3, 1], [0, 0, 0, 3, 1], [0]]);
  assert.equal(agreement(3n), undefined);
  assert.equal(agreement(4n), undefined);
});
