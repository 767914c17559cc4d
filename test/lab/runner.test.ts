import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseLabOptions } from "../../lab/options.ts";
import { type AttackResult, readResults, writeResults } from "../../lab/result.ts";
import { type Job, jobsOf, playAll, withDamage } from "../../lab/runner.ts";
import { assertRefused, runScript } from "../support/spawned.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const signal = new AbortController().signal;

function resultOf({ name, fraction, seed }: Pick<Job, "name" | "fraction" | "seed">): AttackResult {
  return {
    name,
    tier: "training",
    fraction,
    seed,
    rewardPerUid: 0,
    rewardPerCompute: null,
    operatorReward: 0,
    lossDamage: null,
    roundsToZeroWeight: 3,
    honestFalsePositives: 0,
    seconds: 1,
    details: { heldOutLoss: name === "clean" ? 2 : 2.1 },
  };
}

function jobs(dir: string): Job[] {
  const options = parseLabOptions(["--attack", "noise", "--seeds", "2", "--dir", dir]);
  assert.ok(options !== undefined);
  return jobsOf(options);
}

test("jobsOf, an attack on training: it and the clean run it is compared with, seed by seed", (t) => {
  const planned = jobs(temporaryFolder(t)).map(({ name, fraction, seed }) => [name, fraction, seed]);
  assert.deepEqual(planned, [
    ["clean", 0, 1],
    ["noise", 0.3, 1],
    ["clean", 0, 2],
    ["noise", 0.3, 2],
  ]);
});

test("playAll, some results there already: plays the others alone and gives all, with their damage", async (t) => {
  const all = jobs(temporaryFolder(t));
  await writeResults(all[1].file, [resultOf(all[1])]);
  const played: string[] = [];
  const play = async (job: Job) => {
    played.push(`${job.name} ${job.seed}`);
    await writeResults(job.file, [resultOf(job)]);
  };
  const results = await playAll(all, 2, () => undefined, signal, play);
  assert.deepEqual(played.sort(), ["clean 1", "clean 2", "noise 2"]);
  assert.deepEqual(
    results.map(({ name }) => name),
    ["clean", "noise", "clean", "noise"],
  );
  assert.ok(Math.abs((results[1].lossDamage ?? 0) - 0.05) < 1e-12);
  assert.equal(results[0].lossDamage, 0);
});

test("playAll, a job that fails: the others are played, then its error", async (t) => {
  const all = jobs(temporaryFolder(t));
  const played: string[] = [];
  const play = async (job: Job) => {
    played.push(job.name);
    if (job.name === "clean" && job.seed === 1) throw new Error("broken");
    await writeResults(job.file, [resultOf(job)]);
  };
  await assert.rejects(
    playAll(all, 1, () => undefined, signal, play),
    /broken/,
  );
  assert.equal(played.length, 4);
});

test("playAll, a corrupt result: refused before anything is played", async (t) => {
  const all = jobs(temporaryFolder(t));
  await writeResults(all[0].file, [resultOf(all[0])]);
  await writeFile(all[2].file, "[{]");
  const never = async () => assert.fail("played");
  await assert.rejects(
    playAll(all, 1, () => undefined, signal, never),
    { code: "LAB_RESULT_CORRUPT" },
  );
});

test("readResults, a field out of bounds and a missing file: typed errors", async (t) => {
  const file = join(temporaryFolder(t), "results.json");
  await assert.rejects(readResults(file), { code: "LAB_RESULT_MISSING" });
  await writeFile(
    file,
    JSON.stringify([{ ...resultOf({ name: "noise", fraction: 0.3, seed: 1 }), fraction: 2 }]),
  );
  await assert.rejects(readResults(file), { code: "LAB_RESULT_CORRUPT" });
});

test("withDamage, a seed without a clean run: none", () => {
  const noise = resultOf({ name: "noise", fraction: 0.3, seed: 3 });
  assert.deepEqual(withDamage([noise, resultOf({ name: "clean", fraction: 0, seed: 2 })])[0], noise);
});

test("npm run lab, --list, an unknown attack, an output that is a folder: names, or refused", async (t) => {
  const dir = temporaryFolder(t);
  const listed = await runScript("lab/main.ts", ["--list"]);
  assert.equal(listed.exitCode, 0, listed.err);
  assert.match(listed.out, /^weight-copier/m);
  assertRefused(await runScript("lab/main.ts", ["--attack", "angel"]), "UNKNOWN_ATTACK");
  assertRefused(await runScript("lab/main.ts", ["--json", dir]), "FILE_NOT_WRITABLE");
});
