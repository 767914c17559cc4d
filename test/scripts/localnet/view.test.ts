import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEther } from "viem";
import { Screen } from "../../../scripts/localnet/screen.ts";
import { type NetworkView, renderLine, renderTable } from "../../../scripts/localnet/view.ts";

const view: NetworkView = {
  round: 3,
  rounds: 6,
  phase: "reveal",
  roundProgress: 0.5,
  validationLoss: [5.5, 4.25, 3],
  settledEpochs: 1,
  participants: [
    {
      uid: 0,
      name: "validator-1",
      role: "validator",
      stake: parseEther("1234.567"),
      score: undefined,
      share: 0.65,
      earned: parseEther("2.5"),
    },
    {
      uid: 10,
      name: "miner-1 (noise)",
      role: "miner",
      stake: parseEther("10"),
      score: 0,
      share: 0,
      earned: 0n,
    },
    {
      uid: undefined,
      name: "delegator-1",
      role: "delegator",
      stake: parseEther("150"),
      score: undefined,
      share: undefined,
      earned: parseEther("0.019"),
    },
  ],
};

test("renderTable, a network in its fourth round: bar, loss with its course, aligned participants", () => {
  assert.deepEqual(renderTable(view), [
    `[${"█".repeat(14)}${"░".repeat(10)}] round 3 of 6 · reveal · 1 epochs settled`,
    "held-out loss 3.000 nats per token  █▅▁",
    "",
    "uid  participant      role          stake  score   share  earned",
    "  0  validator-1      validator  1 234.56      –  65.0 %    2.50",
    " 10  miner-1 (noise)  miner         10.00   0.00   0.0 %    0.00",
    "  –  delegator-1      delegator    150.00      –       –    0.01",
  ]);
});

test("renderTable, before the first loss and after the last round: dashes, and no bar beyond its end", () => {
  const [bar, loss] = renderTable({ ...view, round: 6, roundProgress: 0.9, validationLoss: [] });
  assert.ok(bar.startsWith(`[${"█".repeat(24)}] round 6 of 6`));
  assert.equal(loss.trimEnd(), "held-out loss – nats per token");
});

test("renderLine, the same in one line", () => {
  assert.equal(
    renderLine(view),
    "round 3/6  held-out loss 3.000  epochs settled 1  earned: validator-1 2.50, miner-1 (noise) 0.00, delegator-1 0.01",
  );
});

function recorder(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const terminal = {
    isTTY,
    ...(columns === undefined ? {} : { columns }),
    write: (text: string) => written.push(text),
  };
  return { written, screen: new Screen(terminal) };
}

test("Screen, no terminal: a line per round, no control codes", () => {
  const { written, screen } = recorder(false);
  screen.say("starting");
  for (const round of [0, 0, 1, 1, 1]) screen.show({ ...view, round });
  screen.end();
  screen.say("done");
  assert.deepEqual(
    written.map((text) => text.slice(0, 9)),
    ["starting\n", "round 0/6", "round 1/6", "done\n"],
  );
  assert.equal(written.join("").includes("\x1b"), false);
});

test("Screen, a terminal: the table is drawn over itself and folded to the width; the last one stays", () => {
  const { written, screen } = recorder(true, 40);
  screen.show(view);
  screen.show(view);
  const lines = written[0].trimEnd().split("\n");
  assert.equal(written.filter((text) => text === `\x1b[${lines.length}A\x1b[J`).length, 1);
  assert.ok(lines.every((line) => line.length <= 40));
  const words = (text: string) => text.split(/\s+/).filter(Boolean).sort();
  assert.deepEqual(words(written[0]), words(renderTable(view).join(" ")));
  screen.end();
  screen.say("done");
  assert.equal(written.at(-1), "done\n");
  assert.equal(written.filter((text) => text.startsWith("\x1b")).length, 1);
});
