import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { xorSalts } from "../../../workers/protocol/beacon.ts";
import type { ChainEvent } from "../../../workers/protocol/chainEvents.ts";
import { roundEnd } from "../../../workers/protocol/clock.ts";
import { bitsOf, wordOf } from "../../../workers/protocol/metagraphHistory.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { packU64 } from "../../../workers/protocol/weights.ts";
import { ONE } from "../../../workers/protocol/yuma.ts";
import { clock, EventScript, hashOf, hotkeyOf } from "./eventScript.ts";

const RANK = hashOf("rank");

/** Neurons 1 and 2 on uids 0 and 1 validate with stakes 60 and 40; neurons 3 to 5 on uids 2 to 4 mine. */
function started(): EventScript {
  const script = new EventScript().at(900);
  for (const neuronId of [1n, 2n, 3n, 4n, 5n]) script.register(neuronId, Number(neuronId) - 1);
  return script.stake(1n, 60n).stake(2n, 40n).permit(0, 1n, 0, 0b01n).permit(1, 2n, 0, 0b11n);
}

/** All three miners commit and reveal in a round. */
function trained(script: EventScript, round: number): EventScript {
  script.inRound(round, 5).commit(round, 5n).commit(round, 3n).commit(round, 4n);
  return script.inRound(round, 13).reveal(round, 3n, 2).reveal(round, 4n, 3).reveal(round, 5n, 4);
}

function historyOf(script: EventScript): RunHistory {
  const history = new RunHistory(clock);
  history.apply(script.events);
  return history;
}

const uidsOf = (updates: readonly { uid: number }[]) => updates.map(({ uid }) => uid);

test("eligible, attested by more than half of all permitted stake only, silence is a no", () => {
  const script = trained(started(), 0).inRound(0, 17);
  script.attest(0, 2n, 1, 0b01100n);
  assert.deepEqual(uidsOf(historyOf(script).eligible(0)), []);
  script.attest(0, 1n, 0, 0b10100n);
  assert.deepEqual(uidsOf(historyOf(script).eligible(0)), [2, 4]);
});

test("eligible, exactly half of the stake, not eligible", () => {
  const script = trained(started().stake(1n, 40n), 0).inRound(0, 17);
  script.attest(0, 1n, 0, 0b11100n);
  assert.deepEqual(historyOf(script).eligible(0), []);
});

test("eligible, nobody permitted, nothing eligible", () => {
  const script = trained(new EventScript().at(900).register(3n, 2).register(4n, 3).register(5n, 4), 0);
  assert.deepEqual(historyOf(script).eligible(0), []);
});

test("attestations, a second one of the same validator, the first counts", () => {
  const script = trained(started(), 0).inRound(0, 17);
  script.attest(0, 1n, 0, 0b00100n).attest(0, 1n, 0, 0b11100n);
  const history = historyOf(script);
  assert.deepEqual(history.attestations(0), [{ neuronId: 1n, uid: 0, bitmap: 0b00100n, attestedAt: 1017 }]);
  assert.deepEqual(uidsOf(history.eligible(0)), [2]);
});

test("eligible, attestation of a bit whose uid revealed nothing, no effect", () => {
  const script = started().inRound(0, 5).commit(0, 3n).inRound(0, 17).attest(0, 1n, 0, 0b11100n);
  const history = historyOf(script);
  assert.deepEqual(history.eligible(0), []);
  assert.deepEqual(
    history.rounds.unrevealed(0).map(({ neuronId }) => neuronId),
    [3n],
  );
});

test("eligible, uid taken over after the round's start, the newcomer waits a round", () => {
  const script = started().inRound(0, 1).register(6n, 4, 5n).commit(0, 6n);
  script.inRound(0, 13).reveal(0, 6n, 4).inRound(0, 17).attest(0, 1n, 0, 0b10000n);
  script
    .inRound(1, 5)
    .commit(1, 6n)
    .inRound(1, 13)
    .reveal(1, 6n, 4)
    .inRound(1, 17)
    .attest(1, 1n, 0, 0b10000n);
  const history = historyOf(script);
  assert.deepEqual([history.occupant(4, 0), history.occupant(4, 1)], [5n, 6n]);
  assert.deepEqual(uidsOf(history.eligible(0)), []);
  assert.deepEqual(uidsOf(history.eligible(1)), [4]);
});

test("occupant, registered in the round's first second, not before its start", () => {
  const history = historyOf(started().inRound(2, 0).register(6n, 5));
  assert.deepEqual([history.occupant(5, 2), history.occupant(5, 3)], [undefined, 6n]);
  assert.equal(history.occupant(9, 3), undefined);
});

test("stakeAt, changes within an epoch, count from the next; before genesis they count in epoch 0", () => {
  const history = historyOf(
    started().inRound(0, 0).stake(1n, 100n).stake(1n, 90n).inRound(3, 0).stake(1n, 7n),
  );
  assert.deepEqual(
    [0, 1, 2, 9].map((epoch) => history.stakeAt(1n, epoch)),
    [60n, 90n, 7n, 7n],
  );
  assert.equal(history.stakeAt(99n, 0), 0n);
  assert.equal(history.metagraph.stake(1n), 7n);
});

test("permits, claimed in epoch 0 for epoch 1, the last word of an epoch holds", () => {
  const history = historyOf(started().inRound(1, 0).permit(2, 3n, 1, 0b111n).permit(3, 4n, 1, 0b1111n));
  assert.deepEqual(history.permits(0), [0, 1]);
  assert.deepEqual(history.permits(1), [0, 1, 2, 3]);
  assert.deepEqual(history.permits(7), [0, 1, 2, 3]);
});

test("reveals, in the order of their commitments, joined with content", () => {
  const history = historyOf(trained(started(), 0));
  assert.deepEqual(
    history.reveals(0).map(({ neuronId }) => neuronId),
    [5n, 3n, 4n],
  );
  const [first] = history.reveals(0);
  assert.equal(first.dataRoot, hashOf("data 0 5"));
  assert.equal(first.committedAt.time, 1005);
  assert.equal(first.revealedAt.time, 1013);
  assert.deepEqual(history.rounds.unrevealed(0), []);
});

test("saltXor, all salts of the round whether eligible or not", () => {
  const history = historyOf(trained(started(), 0));
  assert.equal(history.saltXor(0), xorSalts([3, 4, 5].map((id) => hashOf(`salt 0 ${id}`))));
  assert.equal(history.saltXor(1), xorSalts([]));
});

test("lastRevealBefore, rounds missed in between, the latest earlier one", () => {
  const { rounds } = historyOf(trained(trained(started(), 0), 2));
  assert.equal(rounds.lastRevealBefore(0, 3n), undefined);
  assert.equal(rounds.lastRevealBefore(2, 3n)?.round, 0);
  assert.equal(rounds.lastRevealBefore(9, 3n)?.round, 2);
});

function settle(script: EventScript, epoch: number, incentives: readonly bigint[]): EventScript {
  return script.add({
    type: "EpochSettled",
    epoch,
    round: 5,
    validatorNeuronIds: [1n, 2n],
    incentivesQ32: packU64(incentives),
    dividendsQ32: packU64([ONE / 2n, ONE / 2n]),
    consensusQ32: packU64(incentives),
    bonds: `0x${"0001".repeat(2 * incentives.length)}`,
  });
}

test("gatherSet, before and after a settlement, beacon first, then incentive", () => {
  const script = trained(started(), 5).inRound(5, 17).attest(5, 1n, 0, 0b11100n);
  settle(script.inRound(5, 18), 0, [0n, 0n, 9n, 0n, 7n]);
  trained(script, 6).inRound(6, 17).attest(6, 1n, 0, 0b11100n);
  const history = historyOf(script);
  assert.equal(history.lastSettlementBefore(5), undefined);
  assert.equal(history.lastSettlementBefore(6)?.epoch, 0);
  assert.deepEqual(history.gatherSet(5, RANK, 3).uids, [2, 3, 4]);
  assert.deepEqual(history.gatherSet(6, RANK, 3), { ranked: [2, 4], uids: [2, 4] });
});

test("gatherSet, uid with incentive but another neuron since, left out", () => {
  const script = settle(started().inRound(5, 0), 0, [0n, 0n, 9n, 0n, 7n]).inRound(5, 10).register(6n, 2, 3n);
  script.inRound(6, 5).commit(6, 6n).commit(6, 5n).inRound(6, 13).reveal(6, 6n, 2).reveal(6, 5n, 4);
  script.inRound(6, 17).attest(6, 1n, 0, 0b11100n);
  const history = historyOf(script);
  assert.deepEqual(uidsOf(history.eligible(6)), [2, 4]);
  assert.deepEqual(history.gatherSet(6, RANK, 3).uids, [4]);
});

test("lastSettlementBefore, settled in the round's first second, not before its start", () => {
  const history = historyOf(settle(started().inRound(6, 0), 0, [ONE]));
  assert.equal(history.lastSettlementBefore(6), undefined);
  assert.equal(history.lastSettlementBefore(7)?.epoch, 0);
});

test("earnings, credits and claims, summed per neuron", () => {
  const script = started().inRound(5, 0);
  const miners = [{ neuronId: 3n, incentive: 5n }];
  const credit = {
    type: "Credited",
    miners,
    validators: [{ neuronId: 3n, dividend: 4n, take: 1n }],
  } as const;
  script.add({ ...credit, epoch: 0 }).add({ ...credit, epoch: 1 });
  script.add({ type: "Claimed", neuronId: 3n, to: hotkeyOf(3n), amount: 6n });
  const { settled } = historyOf(script);
  assert.deepEqual(settled.earnings(3n), { incentive: 10n, dividend: 8n, take: 2n, claimed: 6n });
  assert.equal(settled.earnings(4n).incentive, 0n);
});

test("stakeAt, dividends credited in the epoch, the pool grows by what is not taken and its start is kept", () => {
  const script = started().inRound(5, 0);
  const validators = [
    { neuronId: 1n, dividend: 40n, take: 10n },
    { neuronId: 2n, dividend: 7n, take: 7n },
  ];
  const before = historyOf(started()).metagraph;
  script.add({ type: "Credited", epoch: 0, miners: [], validators });
  const { metagraph } = historyOf(script);
  assert.equal(metagraph.stakeAt(1n, 1), before.stakeAt(1n, 1));
  assert.equal(metagraph.stakeAt(1n, 2), before.stakeAt(1n, 2) + 30n);
  assert.equal(metagraph.stakeAt(2n, 2), before.stakeAt(2n, 2));
});

test("neuronOfHotkey, replaced neuron, its hotkey serves nobody", () => {
  const { metagraph } = historyOf(started().inRound(0, 0).register(6n, 2, 3n));
  assert.equal(metagraph.neuronOfHotkey(hotkeyOf(3n)), undefined);
  assert.equal(metagraph.neuronOfHotkey(hotkeyOf(6n)), 6n);
  assert.equal(metagraph.neuron(3n)?.uid, 2);
  assert.equal(metagraph.uidCount(), 5);
});

test("HotkeyRotated and ColdkeyTransferred, the neuron goes on with its new keys", () => {
  const script = started().inRound(0, 0);
  script.add({ type: "HotkeyRotated", neuronId: 3n, uid: 2, from: hotkeyOf(3n), to: hotkeyOf(9n) });
  script.add({ type: "ColdkeyTransferred", neuronId: 3n, from: hotkeyOf(3n), to: hotkeyOf(8n) });
  const { metagraph } = historyOf(script);
  assert.equal(metagraph.neuronOfHotkey(hotkeyOf(3n)), undefined);
  assert.equal(metagraph.neuronOfHotkey(hotkeyOf(9n)), 3n);
  assert.deepEqual(metagraph.holder(2), metagraph.neuron(3n));
  assert.equal(metagraph.occupant(2, 1)?.coldkey, hotkeyOf(8n));
});

test("apply, event repeated or out of order, HISTORY_ORDER", () => {
  const { events } = started();
  const history = new RunHistory(clock);
  history.apply(events);
  assert.throws(() => history.apply([events[events.length - 1]]), { code: "HISTORY_ORDER" });
  assert.throws(() => history.apply([events[0]]), { code: "HISTORY_ORDER" });
  assert.deepEqual(history.position?.logIndex, events.length - 1);
});

test("apply, reveal without its commitment, HISTORY_GAP", () => {
  const script = started().inRound(0, 13).reveal(0, 3n, 2);
  assert.throws(() => historyOf(script), { code: "HISTORY_GAP" });
});

/** A run of some rounds in which everything random about participation comes from `choices`. */
function randomRun(choices: readonly number[]): ChainEvent[] {
  const script = started();
  let next = 6n;
  const holders = [1n, 2n, 3n, 4n, 5n];
  for (const [round, choice] of choices.entries()) {
    const miners = [2, 3, 4].filter((uid) => (choice >> uid) & 1);
    for (const uid of miners) script.inRound(round, 3).commit(round, holders[uid]);
    if (choice % 7 === 0) script.inRound(round, 4).stake(1n, BigInt(choice));
    for (const uid of miners) script.inRound(round, 13).reveal(round, holders[uid], uid);
    if (choice & 1) script.inRound(round, 17).attest(round, 1n, 0, BigInt(choice));
    if (choice & 2) script.inRound(round, 18).attest(round, 2n, 1, BigInt(choice >> 1));
    if (choice % 5 === 0) {
      script.inRound(round, 19).register(next, 4, holders[4]);
      holders[4] = next++;
    }
  }
  return script.events;
}

test("apply, any run in any batches, the same answers; later events never change an ended round", () => {
  const runs = fc.array(fc.nat(255), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 9 }), (choices, batch) => {
      const events = randomRun(choices);
      const whole = new RunHistory(clock);
      whole.apply(events);
      const steps = new RunHistory(clock);
      const seen: string[] = [];
      const answer = (history: RunHistory, round: number) =>
        JSON.stringify([
          history.gatherSet(round, RANK, 2),
          uidsOf(history.eligible(round)),
          history.saltXor(round),
        ]);
      for (const [round] of choices.entries()) {
        const { time: applied } = steps.position ?? { time: 0 };
        const due = events.filter(({ time }) => time > applied && time < roundEnd(clock, round));
        for (let i = 0; i < due.length; i += batch) steps.apply(due.slice(i, i + batch));
        seen.push(answer(steps, round));
      }
      assert.deepEqual(
        choices.map((_, round) => answer(whole, round)),
        seen,
      );
    }),
    { seed: 47, numRuns: 100 },
  );
});

test("rewind, any run cut anywhere, the same answers as without what was cut, and it goes on from there", () => {
  const runs = fc.array(fc.nat(255), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(runs, fc.nat(1000), (choices, cut) => {
      const events = randomRun(choices);
      const at = events[cut % events.length].blockNumber;
      const before = new RunHistory(clock);
      before.apply(events.filter(({ blockNumber }) => blockNumber <= at));
      const whole = new RunHistory(clock);
      whole.apply(events);
      const expected = answersOf(whole, choices.length);
      whole.rewind(at);
      assert.equal(answersOf(whole, choices.length), answersOf(before, choices.length));
      assert.deepEqual(whole.position, before.position);
      whole.apply(events.filter(({ blockNumber }) => blockNumber > at));
      assert.equal(answersOf(whole, choices.length), expected);
    }),
    { seed: 48, numRuns: 100 },
  );
});

/** All that a history says about its first rounds, as text. */
function answersOf(history: RunHistory, rounds: number): string {
  const answers = Array.from({ length: rounds }, (_, round) => [
    history.gatherSet(round, RANK, 2),
    history.commits(round),
    history.reveals(round),
    history.attestations(round),
    history.permits(round),
  ]);
  const all = [answers, history.settlements, history.checkpoints, history.metagraph.holders()];
  return JSON.stringify(all, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
}

test("bitsOf and wordOf, any set of bits, inverse", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(255)), (bits) => {
      assert.deepEqual(
        bitsOf(wordOf(bits)),
        [...bits].sort((a, b) => a - b),
      );
    }),
    { seed: 53, numRuns: 100 },
  );
});
