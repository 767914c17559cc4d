import assert from "node:assert/strict";
import { test } from "node:test";
import { wrapped } from "../../../scripts/format.ts";
import { problemsOf, type Standing, statusLines } from "../../../scripts/tasks/statusLines.ts";
import type { RoundOutcome } from "../../../workers/protocol/neuronStatus.ts";

const WEFT = 10n ** 18n;

function standing(outcomes: readonly RoundOutcome[], change: Partial<Standing> = {}): Standing {
  return {
    neuronId: 3n,
    uid: 2,
    hotkey: `0x${"a3".repeat(20)}`,
    role: "miner",
    round: outcomes.length - 1,
    epoch: 1,
    phase: "commit",
    phaseEndsIn: 7,
    rounds: outcomes.map((outcome, round) => ({ round, outcome, attestedShare: 0, attested: undefined })),
    epochs: [],
    incentive: 0.25,
    rank: 1,
    ranked: 4,
    stake: 5n * WEFT,
    earned: 3n * WEFT,
    claimed: WEFT,
    hotkeyCoin: WEFT,
    coinNeeded: WEFT / 1000n,
    ...change,
  };
}

const codes = (given: Standing) => problemsOf(given).map(({ code }) => code);

test("problemsOf, a miner that is gathered, none", () => {
  const fine = standing(["silent", "gathered", "ungathered", "open"]);
  assert.deepEqual(codes(fine), []);
  assert.equal(statusLines(fine, []).at(-1), "no problems");
});

test("problemsOf, each kind of trouble, its code; two silent rounds are none yet for a validator", () => {
  assert.deepEqual(codes(standing(["gathered", "silent", "open"])), []);
  assert.deepEqual(codes(standing(["gathered", "silent", "silent", "open"])), ["SILENT"]);
  assert.deepEqual(codes(standing(["unrevealed", "open"])), ["UNREVEALED"]);
  assert.deepEqual(codes(standing(["unattested", "open"])), ["UNATTESTED"]);
  assert.deepEqual(codes(standing(["gathered"], { hotkeyCoin: 0n })), ["NO_GAS"]);
  assert.deepEqual(codes(standing(["gathered"], { hotkeyCoin: 1n })), ["LITTLE_GAS"]);
  assert.deepEqual(codes(standing(["silent", "silent"], { uid: undefined })), ["REPLACED"]);
});

test("problemsOf, a validator that did not attest or reveal its weights, named", () => {
  const rounds = standing(["silent", "silent"]).rounds.map((each) => ({ ...each, attested: false }));
  const epoch = { epoch: 0, permitted: true, committed: false, revealed: false, settled: true };
  assert.deepEqual(codes(standing([], { rounds, epochs: [epoch] })), ["NOT_ATTESTING", "WEIGHTS_MISSING"]);
  assert.deepEqual(codes(standing([], { epochs: [{ ...epoch, settled: false }] })), []);
  assert.deepEqual(codes(standing([], { epochs: [{ ...epoch, permitted: false }] })), []);
});

test("statusLines, before genesis and without a rank, says when the run begins", () => {
  const early = standing([], { round: undefined, phase: undefined, phaseEndsIn: 60, rank: undefined });
  const [, when, money] = statusLines(early, []);
  assert.match(when ?? "", /begins in 60 s/);
  assert.match(money ?? "", /no incentive yet/);
});

test("statusLines, 80 and 60 columns: the same words, no line longer", () => {
  const crowded = standing(["unattested"]);
  const [round] = crowded.rounds;
  const given = { ...crowded, rounds: [{ ...round, attestedShare: 0.3, attested: true }] };
  const words = (lines: readonly string[]) => lines.join(" ").split(/\s+/).filter(Boolean);
  const wide = statusLines(given, []);
  assert.ok(wide.some((line) => line.length > 80));
  for (const width of [80, 60]) {
    const lines = statusLines(given, [], width).flatMap((line) => wrapped(line, width));
    for (const line of lines) assert.ok(line.length <= width, `${width}: ${line}`);
    assert.deepEqual(words(lines), words(wide), `${width}`);
  }
});
