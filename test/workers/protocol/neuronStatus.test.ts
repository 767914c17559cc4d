import assert from "node:assert/strict";
import { test } from "node:test";
import { epochStatus, roundStatus } from "../../../workers/protocol/neuronStatus.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { clock, EventScript } from "./eventScript.ts";

/** Neurons 1 and 2 on uids 0 and 1 validate with stakes 60 and 40; 3 and 4 on uids 2 and 3 mine. */
function started(): EventScript {
  const script = new EventScript().at(900);
  for (const neuronId of [1n, 2n, 3n, 4n]) script.register(neuronId, Number(neuronId) - 1);
  return script.stake(1n, 60n).stake(2n, 40n).permit(0, 1n, 0, 0b01n).permit(1, 2n, 0, 0b11n);
}

function historyOf(script: EventScript): RunHistory {
  const history = new RunHistory(clock);
  history.apply(script.events);
  return history;
}

test("roundStatus, each step a miner can get to, named", () => {
  const script = started().inRound(0, 1);
  const outcome = (gathered?: readonly number[]) => roundStatus(historyOf(script), 3n, 0, gathered).outcome;
  assert.equal(outcome(), "open");
  assert.equal(outcome([]), "silent");
  script.inRound(0, 5).commit(0, 3n);
  assert.equal(outcome([]), "unrevealed");
  script.inRound(0, 13).reveal(0, 3n, 2);
  assert.equal(outcome([]), "unattested");
  script.inRound(0, 17).attest(0, 2n, 1, 0b0100n);
  assert.equal(outcome([]), "unattested");
  script.attest(0, 1n, 0, 0b0100n);
  assert.equal(outcome([3]), "ungathered");
  assert.equal(outcome([2, 3]), "gathered");
  assert.equal(roundStatus(historyOf(script), 3n, 0, [2]).attestedShare, 1);
});

test("roundStatus, a neuron that registered during the round or lost its uid before, absent", () => {
  const script = started().inRound(0, 3).register(5n, 2, 3n);
  assert.equal(roundStatus(historyOf(script), 5n, 0, []).outcome, "absent");
  assert.equal(roundStatus(historyOf(script), 3n, 0, []).outcome, "silent");
  assert.equal(roundStatus(historyOf(script), 3n, 1, []).outcome, "absent");
});

test("roundStatus, attestations of whoever has a permit alone", () => {
  const script = started().inRound(0, 17).attest(0, 1n, 0, 0n);
  const attested = [1n, 2n, 3n].map((id) => roundStatus(historyOf(script), id, 0, []).attested);
  assert.deepEqual(attested, [true, false, undefined]);
});

test("epochStatus, weights committed and revealed in the next epoch, settled", () => {
  const script = started().inRound(3, 1);
  const status = (neuronId = 1n) => epochStatus(historyOf(script), neuronId, 0);
  assert.deepEqual(status(), {
    epoch: 0,
    permitted: true,
    committed: false,
    revealed: false,
    settled: false,
  });
  assert.equal(status(3n).permitted, false);
  const named = { epoch: 0, logDigest: "0x11", logSize: 1n, commitment: "0x22" } as const;
  const [{ hotkey = "0x" } = {}] = script.events.flatMap((e) => (e.type === "Registered" ? [e] : []));
  script.add({ type: "WeightsCommitted", hotkey, ...named, logSize: 1 });
  assert.deepEqual([status().committed, status().revealed], [true, false]);
  script.inRound(4, 1).add({ type: "WeightsRevealed", epoch: 0, neuronId: 1n, uid: 0, row: "0x" });
  assert.equal(status().revealed, true);
});
