import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { adversaryPolicy } from "../../lab/adversaries/registry.ts";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import type { RegisteredParticipant } from "../../scripts/localnet/participants.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { liveRun } from "../support/liveRun.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** Two epochs settle in the third round of the epoch after each. */
const rounds = 9;
const lateFrom = 4;
const restartIn = 5;

const ended = new AbortController();
const dir = temporaryFolder({ after });
const workers = new Map<string, { stop: AbortController; done: Promise<void> }>();
let live: Awaited<ReturnType<typeof liveRun>>;

before(async () => {
  const { signal } = ended;
  live = await liveRun({ dir, miners: 2, validators: 3, adversaries: ["copycat", "noise"], signal });
});
after(async () => {
  await Promise.all([...workers.keys()].map(stop));
  ended.abort();
});

function start(participant: RegisteredParticipant): void {
  const { role, behaviour, name } = participant;
  const stopped = new AbortController();
  const options = live.optionsOf(participant);
  const policy = behaviour === "honest" ? undefined : adversaryPolicy(behaviour);
  const work =
    role === "validator" ? runValidator(options, stopped.signal) : runMiner(options, stopped.signal, policy);
  const done = work.catch((error: unknown) => {
    if (!stopped.signal.aborted) ended.abort(error);
  });
  workers.set(name, { stop: stopped, done });
}

async function stop(name: string): Promise<void> {
  const worker = workers.get(name);
  worker?.stop.abort(new Error("stopped by the test"));
  await worker?.done;
  workers.delete(name);
}

/** Jumps through a round and waits in each phase for everybody who works. */
async function play(round: number, validators: number): Promise<void> {
  const { history } = live.follower;
  const epoch = Math.floor(round / 3) - 1;
  // Nobody has an earlier update to repeat in round 0.
  const miners = round === 0 ? 3 : 4;
  await live.goTo(round, 1);
  await live.until(`commits of ${round}`, () => history.commits(round).length === miners);
  if (epoch >= 0 && round % 3 === 0)
    await live.until(`weights of ${epoch}`, () => history.settled.weightCommits(epoch).length >= 2);
  if (epoch >= 0 && round % 3 === 1)
    await live.until(`rows of ${epoch}`, () => history.weightRows(epoch).length >= 2);
  await live.goTo(round, 601);
  await live.until(`reveals of ${round}`, () => history.reveals(round).length === miners);
  await live.goTo(round, 801);
  await live.until(
    `attestations of ${round}`,
    () => history.rounds.attestations(round).length === validators,
  );
  if (epoch >= 0 && round % 3 === 2)
    await live.until(`settlement of ${epoch}`, () => history.settlements.at(-1)?.epoch === epoch);
}

test("2 honest miners, a copycat and noise, 2 validators and a late one, in one process: two epochs settle", async () => {
  const [first, second, late] = live.participants.filter(({ role }) => role === "validator");
  const miners = live.participants.filter(({ role }) => role === "miner");
  const restarted = miners.find(({ behaviour }) => behaviour === "honest");
  assert.ok(restarted !== undefined);
  for (const participant of [first, second, ...miners]) start(participant);
  for (let round = 0; round < rounds; round++) {
    if (round === lateFrom) start(late);
    if (round === restartIn) {
      await stop(restarted.name);
      start(restarted);
    }
    await play(round, round >= lateFrom ? 3 : 2);
  }
  // The state after the last round needs its end.
  await live.goTo(rounds, 1);
  const observed = () => {
    const observations = new Observations();
    for (const name of workers.keys())
      observations.add(name, new MetricsTail(join(dir, "workers", name, "metrics.jsonl")).read());
    return observations;
  };
  await live.until("the last state everywhere", () => observed().roots.get(rounds)?.size === workers.size);

  const { roots, heldOutLoss } = observed();
  for (let round = 0; round <= rounds; round++) {
    const byProcess = roots.get(round) ?? new Map();
    assert.equal(byProcess.size, 7, `round ${round}`);
    assert.equal(new Set(byProcess.values()).size, 1, `round ${round}: ${JSON.stringify([...byProcess])}`);
  }
  assert.equal(new Set([...roots.values()].map((byProcess) => byProcess.get(first.name))).size, rounds + 1);
  assert.ok(
    (heldOutLoss.get(rounds - 1) ?? 9) < (heldOutLoss.get(0) ?? 0) - 0.5,
    JSON.stringify([...heldOutLoss]),
  );
});

test("settlements: honest miners get all incentive, adversaries none, dividends follow the stake", () => {
  const { settlements, settled } = live.follower.history;
  assert.deepEqual(
    settlements.map(({ epoch }) => epoch),
    [0, 1],
  );
  for (const { role, behaviour, uid, neuronId } of live.participants) {
    for (const { epoch, incentives } of settlements) {
      const earns = role === "miner" && behaviour === "honest";
      assert.equal(incentives[uid] > 0n, earns, `epoch ${epoch}, uid ${uid} (${role}, ${behaviour})`);
    }
    if (role === "miner")
      assert.equal(settled.earnings(neuronId).incentive > 0n, behaviour === "honest", `uid ${uid}`);
  }
  const [first, second] = live.participants.filter(({ role }) => role === "validator");
  const [more, less] = [first, second].map(({ neuronId }) => Number(settled.earnings(neuronId).dividend));
  const stakes = 750 / 390;
  assert.ok(Math.abs(more / less / stakes - 1) < 0.2, `dividends ${more} and ${less}`);
});

test("worker states: every update continues the last one of its miner, over a restart too", async () => {
  const reader = new UpdateReader(live.run, systemClock);
  for (const { behaviour, neuronId, name } of live.participants.filter(({ role }) => role === "miner")) {
    if (behaviour !== "honest") continue;
    let before: string | undefined;
    for (let round = 0; round < rounds; round++) {
      const reveal = live.follower.history.rounds.reveal(round, neuronId);
      assert.ok(reveal !== undefined, `${name} in round ${round}`);
      const { header } = await reader.read(reveal, ended.signal);
      if (before !== undefined) assert.equal(header.stateBefore, before, `${name} in round ${round}`);
      before = header.stateAfter;
    }
  }
});
