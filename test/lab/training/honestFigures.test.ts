import assert from "node:assert/strict";
import { test } from "node:test";
import { honestFigures } from "../../../lab/training/honestFigures.ts";
import { uncompared } from "../../../workers/evaluation/audit.ts";
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

test("honestFigures, failed audits: held against the miner; passed ones and those that nobody could make: not", () => {
  const audited = (uid: number, reason: "withheld" | "unable" | "notAState") => ({
    ...neuron(uid, 0.1),
    audit: uncompared(0, reason),
  });
  const entries = [entry(1, [audited(0, "withheld"), audited(1, "unable"), neuron(2, 0.1), neuron(3, 0.1)])];
  const { falsePositives, details } = honestFigures(entries, [0, 1, 2, 3]);
  assert.equal(falsePositives, 1 / 4);
  assert.equal(details["penalised.audit.withheld"], 1 / 4);
  assert.equal(honestFigures([entry(1, [audited(0, "notAState")])], [0]).falsePositives, 1);
});

test("honestFigures, two validators that measure the same two updates: scatter between updates, none between them", () => {
  const measured = [neuron(0, 0.1), neuron(1, 0.3)];
  const { details } = honestFigures([entry(0, measured), entry(0, measured)], [0, 1]);
  assert.ok(Math.abs(details.improvement - 0.2) < 1e-9);
  assert.ok(Math.abs(details.betweenUpdates - Math.SQRT1_2) < 1e-9);
  assert.ok(details.betweenValidators < 1e-9);
  assert.ok(Math.abs(details.ownAdvantage) < 1e-9);
});
