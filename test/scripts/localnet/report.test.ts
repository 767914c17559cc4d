import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { Observations } from "../../../scripts/localnet/observations.ts";
import { parseOptions } from "../../../scripts/localnet/options.ts";
import { buildReport, type RunFacts } from "../../../scripts/localnet/report.ts";
import type { Standing } from "../../../scripts/localnet/standings.ts";
import { summaryLines } from "../../../scripts/localnet/summary.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { parameterCount } from "../../../workers/protocol/tensors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { exampleManifest } from "../../workers/protocol/exampleManifest.ts";

const manifest = exampleManifest();
const key = privateKeyToAccount(`0x${"11".repeat(32)}`);

function standing(
  uid: number,
  role: "miner" | "validator" | "delegator",
  behaviour: string,
  change: Partial<Standing>,
): Standing {
  const name = `${role}-${uid}`;
  const participant = {
    name,
    role,
    behaviour,
    uid,
    neuronId: BigInt(uid + 1),
    coldkey: key,
    hotkey: key,
    hotkeyFile: "",
    stake: 0n,
  };
  const nothing = { stake: 0n, score: undefined, share: undefined, earned: 0n, incentive: 0n, dividend: 0n };
  return { participant, ...nothing, ...change };
}

const facts: RunFacts = {
  rounds: 2,
  wallSeconds: 100,
  setupSeconds: 20,
  secondsToFirstReward: undefined,
  roundSeconds: 16,
  epochsSettled: 0,
  checkpoints: [],
  manifest,
  standings: [
    standing(0, "validator", "honest", { stake: parseEther("300"), share: 0.75, earned: parseEther("1.5") }),
    standing(1, "validator", "honest", { stake: parseEther("100"), share: 0.25 }),
    standing(2, "miner", "honest", {
      stake: parseEther("10"),
      score: 8,
      share: 1,
      earned: 1_999_999_999_999n,
    }),
    standing(3, "miner", "noise", { score: 0, share: 0 }),
    standing(0, "delegator", "honest", { stake: parseEther("150") }),
  ],
  gas: { commitUpdate: { count: 3, median: 30_000 } },
  newStorageSlotsPerRound: 0,
  modelPath: "/model",
  sample: "The end",
};

const seconds = { train: 6, encode: 0.5, store: 0.25, transaction: 1, fetch: 0.125, decode: 0.125, idle: 40 };
const row = (round: number, updateBytes: number, trainLoss?: number, change = {}) => ({
  type: "round",
  round,
  updateBytes,
  ...(trainLoss === undefined ? {} : { trainLoss }),
  seconds: { ...seconds, ...change },
});

test("buildReport, a run of two rounds: losses, ratio, shares of time, participants", () => {
  const observations = new Observations();
  observations.add(
    "validator-0",
    [0, 1, 2].map((round) => ({ type: "heldOutLoss", round, loss: 5 - round })),
  );
  observations.add("miner-2", [row(0, 1000, 5), row(1, 1200, 3, { train: 10 })]);
  observations.add("miner-3", [row(0, 1100, undefined, { train: 0 })]);
  observations.add("miner-4", [row(0, 900, 4)]);
  observations.add("validator-0", [
    {
      type: "evaluation",
      round: 0,
      scores: [{ uid: 3, score: 0, penalties: [{ reason: "negative", factor: 0.5 }] }],
    },
    { type: "dutyMissed", duty: "settle", round: 1, code: "CONTRACT_REVERT" },
  ]);
  const report = buildReport(facts, observations);
  assert.equal(report.initialValidationLoss, 5);
  assert.deepEqual(report.validationLoss, [4, 3]);
  assert.deepEqual(report.trainLoss, [4.5, 3]);
  const denseBytes = 4 * parameterCount(parameterLayout(manifest.model));
  assert.deepEqual(report.updates, { count: 4, bytesPerUpdate: 1000, denseBytes, ratio: denseBytes / 1000 });
  // Who does not train does not count: (0.5 + 0.25 + 1 + 0.125 + 0.125) of that and the mean of 6, 10 and 6.
  assert.ok(Math.abs(report.communicationShare - 2 / (2 + 22 / 3)) < 1e-12, `${report.communicationShare}`);
  assert.equal(report.secondsPerRound.idle, 40);
  assert.equal(report.secondsToFirstReward, null);
  assert.deepEqual(
    report.participants.map(({ stakeShare, dividendShare, incentiveShare, score }) => [
      stakeShare,
      dividendShare,
      incentiveShare,
      score,
    ]),
    [
      [0.75, 0.75, 0, null],
      [0.25, 0.25, 0, null],
      [0, 0, 1, 8],
      [0, 0, 0, 0],
      [0, 0, 0, null],
    ],
  );
  assert.deepEqual(
    report.participants.map(({ earned }) => earned),
    [1.5, 0, 0.000001, 0, 0],
  );
  assert.deepEqual(report.participants[3].penalties, { negative: 1 });
  assert.deepEqual(report.missed, ["validator-0: CONTRACT_REVERT in round 1"]);
  assert.equal("standings" in report || "manifest" in report, false);
  assert.doesNotThrow(() => JSON.stringify(report));
});

test("buildReport, state roots: agree only where every process has the same; rounds beyond the run left out", () => {
  const observations = new Observations();
  const state = (round: number, root: string) => ({ type: "state", round, root });
  observations.add("a", [state(0, "0x1"), state(1, "0x2"), state(2, "0x3"), state(3, "0x4")]);
  observations.add("b", [state(0, "0x1"), state(2, "0x3"), state(1, "0xbad")]);
  assert.deepEqual(buildReport(facts, observations).stateRoots, [
    { round: 0, root: "0x1", processes: 2, agree: true },
    { round: 1, root: "0x2", processes: 2, agree: false },
    { round: 2, root: "0x3", processes: 2, agree: true },
  ]);
});

test("buildReport, nothing observed: nulls and zeros, no NaN", () => {
  const report = buildReport(facts, new Observations());
  assert.deepEqual(
    [report.validationLoss, report.trainLoss],
    [
      [null, null],
      [null, null],
    ],
  );
  assert.deepEqual([report.updates.ratio, report.communicationShare, report.stateRoots], [0, 0, []]);
});

test("summaryLines, roots that differ and an adversary: said, with the reason", (t) => {
  const observations = new Observations();
  observations.add("a", [{ type: "state", round: 1, root: "0x1" }]);
  observations.add("b", [{ type: "state", round: 1, root: "0x2" }]);
  const scores = [{ uid: 3, score: 0, penalties: [{ reason: "copy", factor: 0 }] }];
  observations.add("a", [
    { type: "evaluation", round: 0, scores },
    { type: "evaluation", round: 1, scores },
  ]);
  const text = summaryLines(
    buildReport(facts, observations),
    parseOptions(["--dir", temporaryFolder(t)]),
  ).join("\n");
  assert.match(text, /DISAGREE/);
  assert.match(text, /miner-3 \(noise\).*repeated an earlier update \(2 times\)/);
  assert.match(text, /75\.0 % of dividends with 75\.0 % of stake/);
  assert.match(text, / {2}\| The end/);
});
