import assert from "node:assert/strict";
import { test } from "node:test";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { clock, EventScript, hotkeyOf } from "./eventScript.ts";

const opened = (neuronId: bigint, round: number, index: number) => ({
  type: "ChallengeOpened" as const,
  neuronId,
  round,
  challenger: hotkeyOf(9n),
  index,
  deadline: 2000,
  bond: 5n,
});
const answered = { type: "ChallengeAnswered", neuronId: 1n, round: 3, to: hotkeyOf(1n), bond: 5n } as const;
const expired = {
  type: "ChallengeExpired",
  neuronId: 1n,
  round: 4,
  challenger: hotkeyOf(9n),
  bond: 5n,
} as const;

test("openChallenges, opened, answered and expired: those of the neuron that wait, and again after a rewind", () => {
  const script = new EventScript();
  script
    .inRound(4, 1)
    .add(opened(1n, 3, 7))
    .add(opened(2n, 3, 8))
    .add(opened(1n, 4, 9));
  const before = BigInt(clock.genesis + 4 * clock.period + 1);
  script.inRound(5, 1).add(answered).add(expired);
  const history = new RunHistory(clock);
  history.apply(script.events);
  assert.deepEqual(history.openChallenges(1n), []);
  assert.deepEqual(
    history.openChallenges(2n).map(({ round, index }) => ({ round, index })),
    [{ round: 3, index: 8 }],
  );
  history.rewind(before);
  const { type: _, ...challenge } = opened(1n, 3, 7);
  assert.deepEqual(history.openChallenges(1n), [challenge, { ...challenge, round: 4, index: 9 }]);
  history.apply(new EventScript().inRound(6, 1).add({ ...opened(1n, 3, 11) }).events);
  assert.deepEqual(
    history.openChallenges(1n).map(({ round, index }) => [round, index]),
    [
      [3, 11],
      [4, 9],
    ],
  );
});
