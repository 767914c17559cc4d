import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSimOptions } from "../../sim/options.ts";
import { troubles } from "../../sim/plan.ts";
import type { SeedJob } from "../../sim/playJob.ts";
import type { SeedReport } from "../../sim/report.ts";
import { openPlayer, playSeeds } from "../../sim/runner.ts";
import { assertRefused, runScript } from "../support/spawned.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const { signal } = new AbortController();

function optionsOf(...argv: string[]) {
  const options = parseSimOptions([...argv, "--no-record"]);
  assert.ok(options !== undefined);
  return options;
}

function reportOf({ seed, rounds }: Pick<SeedJob, "seed" | "rounds">): SeedReport {
  const counts = { kills: 0, revealed: 1, expected: 1, settled: 0, checkpoints: 0, penalties: 0 };
  const requests = { nodes: 4, rpcFaults: 0, gatewayFaults: 0, reorganisations: [], seconds: 1 };
  return { seed, rounds, violations: [], digest: "", ...counts, ...requests };
}

test("playSeeds, more seeds than jobs: each once, reports in their order, every player closed", async () => {
  const playing = new Set<number>();
  const played: number[] = [];
  let most = 0;
  let closed = 0;
  const open = () => ({
    async play(job: SeedJob) {
      playing.add(job.seed);
      most = Math.max(most, playing.size);
      await new Promise((resolve) => setTimeout(resolve, (5 - job.seed) * 4));
      playing.delete(job.seed);
      played.push(job.seed);
      return reportOf(job);
    },
    async close() {
      closed += 1;
    },
  });
  const told: number[] = [];
  const reports = await playSeeds(
    optionsOf("--seeds", "5"),
    (report, done) => told.push(report.seed, done),
    signal,
    open,
  );
  assert.deepEqual(
    reports.map(({ seed }) => seed),
    [1, 2, 3, 4, 5],
  );
  assert.deepEqual([most, closed, played.length, told.length], [2, 2, 5, 10]);
});

test("openPlayer, a seed in two processes, and again in one of them: the same to the last line", async (t) => {
  const players = [openPlayer(signal), openPlayer(signal)];
  const job = { seed: 12, rounds: 12, only: troubles, training: false, trace: undefined };
  const parent = temporaryFolder(t);
  const [first, second] = await Promise.all(players.map((player) => player.play({ ...job, parent })));
  const again = await players[0].play({ ...job, parent });
  await Promise.all(players.map((player) => player.close()));
  assert.deepEqual(first.violations, []);
  assert.ok(first.kills > 0 && first.rpcFaults > 0 && first.gatewayFaults > 0);
  for (const other of [second, again]) assert.deepEqual({ ...other, seconds: 0 }, { ...first, seconds: 0 });
});

test("openPlayer, a process that ends in the middle of a seed: a violation of that seed", async () => {
  const player = openPlayer(signal);
  const job = { seed: 3, rounds: 12, only: [], training: false, trace: undefined };
  // No such folder: the world cannot be opened.
  const report = await player.play({ ...job, parent: "/nowhere/at/all" });
  assert.deepEqual([report.seed, report.violations.map(({ check }) => check)], [3, ["process"]]);
  await player.close();
});

test("npm run sim, bad options: exit 1, code and hint, no stack", async () => {
  const ended = await runScript("sim/main.ts", ["--seeds", "0"]);
  assertRefused(ended, "OPTION_OUT_OF_RANGE");
});
