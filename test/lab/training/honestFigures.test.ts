import assert from "node:assert/strict";
import { test } from "node:test";
import { honestFigures } from "../../../lab/training/honestFigures.ts";
import type { NeuronEntry, RoundEntry } from "../../../workers/evaluation/evaluationLog.ts";
import { newNeuronState, standingOf } from "../../../workers/evaluation/neuronState.ts";

const rating = { mu: 25, sigma: 25 / 3, beta: 7, tau: 0.1 };

function neuron(uid: number, improvement: number | undefined, reason?: "copy" | "missing"): NeuronEntry {
  const standing = standingOf(newNeuronState(BigInt(uid + 1), rating));
  const pair = improvement === undefined ? undefined : { before: 1, after: 1 - improvement };
  return {
    uid,
    neuronId: BigInt(uid + 1),
    status: "eligible",
    losses: pair === undefined ? null : { own: pair, random: pair },
    copyOf: null,
    audit: null,
    penalties: reason === undefined ? [] : [{ reason, factor: 0 }],
    before: standing,
    after: standing,
    score: 0,
  };
}

function entry(round: number, neurons: readonly NeuronEntry[]): RoundEntry {
  const parentRoot = `0x${"00".repeat(32)}` as const;
  const rest = { parentRoot, sampled: [], negativeUpTo: 0, networkFault: false, unread: [] };
  return { round, ...rest, neurons: [...neurons] };
}

test("honestFigures, an attacker among them: only honest uids count, by reason", () => {
  const entries = [
    entry(0, [neuron(0, 0.1), neuron(1, 0.3), neuron(2, -5, "copy")]),
    entry(1, [neuron(0, undefined, "missing"), neuron(1, 0.2)]),
  ];
  const { falsePositives, details } = honestFigures(entries, [0, 1]);
  assert.equal(falsePositives, 1 / 4);
  assert.equal(details["penalised.missing"], 1 / 4);
  assert.equal(details["penalised.copy"], undefined);
});

test("honestFigures, two validators that measure the same two updates: scatter between updates, none between them", () => {
  const measured = [neuron(0, 0.1), neuron(1, 0.3)];
  const { details } = honestFigures([entry(0, measured), entry(0, measured)], [0, 1]);
  assert.ok(Math.abs(details.improvement - 0.2) < 1e-9);
  assert.ok(Math.abs(details.betweenUpdates - Math.SQRT1_2) < 1e-9);
  assert.ok(details.betweenValidators < 1e-9);
  assert.ok(Math.abs(details.ownAdvantage) < 1e-9);
});
