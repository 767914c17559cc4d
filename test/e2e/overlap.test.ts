import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import type { RegisteredParticipant } from "../../scripts/localnet/participants.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import { Beacons } from "../../workers/node/beacons.ts";
import { lateStart } from "../../workers/node/lateStart.ts";
import { ModelStates } from "../../workers/node/modelStates.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import type { Round } from "../../workers/protocol/quantities.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import { liveRun } from "../support/liveRun.ts";
import { rowsOf } from "../support/rowsOf.ts";
import { runScript } from "../support/spawned.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** The log of epoch 0 is published in round 4, that of epoch 1 in round 7. From round 4 on there are late steps. */
const rounds = 8;
const lateFrom = 2;

const ended = new AbortController();
const dir = temporaryFolder({ after });
const working: Promise<unknown>[] = [];
let live: Awaited<ReturnType<typeof liveRun>>;

before(async () => {
  const { signal } = ended;
  live = await liveRun({ dir, miners: 3, validators: 2, adversaries: [], overlap: 1, signal });
});
after(async () => {
  ended.abort(new Error("the end"));
  await Promise.all(working);
});

const those = (role: string) => live.participants.filter((one) => one.role === role);
const metricsOf = (name: string) => new MetricsTail(join(dir, "workers", name, "metrics.jsonl")).read();

function start(participant: RegisteredParticipant): void {
  const { signal } = ended;
  const options = live.optionsOf(participant);
  const run = participant.role === "validator" ? runValidator(options, signal) : runMiner(options, signal);
  working.push(
    run.catch((error: unknown) => {
      if (!signal.aborted) ended.abort(error);
    }),
  );
}

function evaluated(round: Round): boolean {
  return those("validator").every(({ name }) =>
    rowsOf(metricsOf(name), "evaluation").some((row) => row.round === round),
  );
}

/** A node with an empty folder, at the newest state it finds. */
async function newcomer(name: string, upTo?: Round) {
  const { run, follower } = live;
  const updates = new UpdateReader(run, systemClock);
  const common = { run, follower, clock: systemClock, log: silentLog, updates };
  const more = { beacons: new Beacons(run, follower), metrics: { record: () => undefined } };
  const limits = upTo === undefined ? {} : { upTo };
  const folder = join(dir, name);
  const states = await ModelStates.open({ ...common, ...more, ...limits, folder }, ended.signal);
  return { run, states, updates, history: follower.history };
}

test("a run that overlaps, a miner that comes late: everybody reaches the same states, every update continues its miner's last", async () => {
  const [first, second, late] = those("miner");
  for (const one of [...those("validator"), first, second]) start(one);
  const { history } = live.follower;
  for (let round = 0; round < rounds; round++) {
    if (round === lateFrom) start(late);
    const miners = round < lateFrom ? 2 : 3;
    await live.goTo(round, 1);
    await live.until(`evaluations of ${round - 1}`, () => round === 0 || evaluated(round - 1));
    await live.until(`commits of ${round}`, () => history.commits(round).length === miners);
    const due = Math.floor(round / 3) - 1;
    if (due >= 0 && round % 3 === 0)
      await live.until(`weights of ${due}`, () => history.settled.weightCommits(due).length === 2);
    if (due >= 0 && round % 3 === 1)
      await live.until(`rows of ${due}`, () => history.weightRows(due).length === 2);
    await live.goTo(round, 601);
    await live.until(`reveals of ${round}`, () => history.reveals(round).length === miners);
    if (round > 0) await live.workerStatesOf(round - 1);
    await live.goTo(round, 801);
    await live.until(`attestations of ${round}`, () => history.attestations(round).length === 2);
  }
  await live.goTo(rounds, 1);
  await live.until(`evaluations of ${rounds - 1}`, () => evaluated(rounds - 1));
  const everybody = [...those("validator"), ...those("miner")];
  const observed = () => {
    const observations = new Observations();
    for (const { name } of everybody) observations.add(name, metricsOf(name));
    return observations;
  };
  await live.until("the last state everywhere", () => observed().roots.get(rounds)?.size === 5);
  const { roots: found, heldOutLoss } = observed();
  for (let round = 0; round <= rounds; round++) {
    const roots = [...(found.get(round)?.values() ?? [])];
    assert.equal(roots.length, 5, `round ${round}`);
    assert.equal(new Set(roots).size, 1, `round ${round}`);
  }
  const [begun, reached] = [heldOutLoss.get(0) ?? 0, heldOutLoss.get(rounds - 1) ?? 9];
  assert.ok(reached < begun - 0.5, JSON.stringify([...heldOutLoss]));
});

test("a late joiner: from θ_0 to the root that everybody has, with no more than chain and updates", async () => {
  const { states } = await newcomer("late joiner", 0);
  assert.equal(states.latest.round, 0);
  const [{ name }] = those("validator");
  const theirs = rowsOf(metricsOf(name), "state").find(({ round }) => round === rounds);
  assert.ok(theirs !== undefined);
  assert.equal((await states.at(rounds, ended.signal)).root, theirs.root);
});

test("late steps: every update but a miner's first goes on from its last, revealed a round before", async () => {
  const sources = await newcomer("reader", 0);
  for (const { neuronId, name } of those("miner")) {
    const began = sources.history.rounds.reveal(0, neuronId) === undefined ? lateFrom : 0;
    for (let round = began; round < rounds; round++) {
      const { states, updates, history } = sources;
      const reveal = history.rounds.reveal(round, neuronId);
      assert.ok(reveal !== undefined, `${name} in round ${round}`);
      const { header } = await updates.read(reveal, ended.signal);
      if (round > began) {
        const before = history.rounds.reveal(round - 1, neuronId);
        assert.ok(before !== undefined, `${name} in round ${round - 1}`);
        const last = await updates.read(before, ended.signal);
        assert.equal(header.stateBefore, last.header.stateAfter, `${name} in round ${round}`);
      }
      if (round < rounds - 2) continue;
      const late = await lateStart(sources, neuronId, round, header.stateBefore, ended.signal);
      assert.equal(late?.from.root, (await states.at(round - 1, ended.signal)).root);
    }
  }
});

test("npm run replay, honest miners in rounds of both epochs, their audits run again: identical", async () => {
  const { rpcUrl, registry } = live.optionsOf(live.participants[0]);
  const [validator] = those("validator");
  const json = join(dir, "replay.json");
  const where = ["--dir", dir, "--rpc", rpcUrl, "--registry", registry, "--store", join(dir, "content")];
  for (const [index, round] of [
    [1, 2],
    [0, 5],
    [2, 5],
  ] as const) {
    const { uid } = those("miner")[index];
    const which = ["--uid", `${uid}`, "--round", `${round}`, "--validator", `${validator.uid}`];
    const { exitCode, out, err } = await runScript("workers/cli/replay.ts", [
      ...where,
      ...which,
      "--json",
      json,
    ]);
    assert.equal(exitCode, 0, `${err}${out}`);
    const { verdict, difference, audit } = JSON.parse(await readFile(json, "utf8"));
    assert.deepEqual([verdict, difference], ["identical", null], `uid ${uid} in ${round}`);
    const found = [audit.recomputed.round, audit.recomputed.result, audit.recomputed.mode];
    assert.deepEqual(found, [round - 1, "pass", "exact"], `uid ${uid} in ${round}`);
  }
});
