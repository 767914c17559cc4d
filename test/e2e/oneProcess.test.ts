import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseEther } from "viem";
import { adversaryPolicy } from "../../lab/adversaries/registry.ts";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import type { RegisteredParticipant } from "../../scripts/localnet/participants.ts";
import { explainVerb } from "../../scripts/tasks/explain.ts";
import { statusVerb } from "../../scripts/tasks/status.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import type { NeuronEntry } from "../../workers/evaluation/evaluationLog.ts";
import { Beacons } from "../../workers/node/beacons.ts";
import { ModelStates } from "../../workers/node/modelStates.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import type { MetricRow } from "../../workers/runtime/metrics.ts";
import { freePort } from "../support/freePort.ts";
import { liveRun } from "../support/liveRun.ts";
import { rowsOf } from "../support/rowsOf.ts";
import { assertRefused, runScript } from "../support/spawned.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { rejectsWith, unattended } from "../support/verbBench.ts";

/** Two epochs settle in the third round of the epoch after each. */
const rounds = 9;
const lateFrom = 4;
const restartIn = 5;
/** The second validator is stopped before this round and back after its start: the round before is still to be evaluated. */
const absentIn = 6;

/** What these tests read of a receipt. */
interface Explained {
  readonly neuronId: string;
  readonly pay: (Record<"incentive" | "dividend" | "take", string> & { disagreements: string[] }) | null;
  readonly rounds: readonly {
    readonly round: number;
    readonly eligible: boolean;
    readonly evaluations: readonly {
      readonly found: Pick<NeuronEntry, "losses" | "penalties" | "copyOf" | "audit"> | null;
      readonly sequences?: Readonly<Record<"own" | "random", readonly (readonly [number, number])[]>>;
    }[];
  }[];
  readonly validators: readonly {
    readonly neuronId: string;
    readonly row: string;
    readonly agreement: number | null;
    readonly committedAfterSeconds: number | null;
    readonly logProblem: string | null;
  }[];
}

const ended = new AbortController();
const dir = temporaryFolder({ after });
/** Where each worker serves metrics and health. */
const ports = new Map<string, number>();
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

async function start(participant: RegisteredParticipant): Promise<void> {
  const { role, behaviour, name } = participant;
  const stopped = new AbortController();
  const port = await freePort();
  ports.set(name, port);
  // A quota that is exceeded from the start: everything in this run is needed, so nothing may go.
  const more = { quotaBytes: 1, telemetry: { host: "127.0.0.1", port } };
  const options = { ...live.optionsOf(participant), ...more };
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
  // Who validates since the first epoch; the late one from the second on.
  const weighing = epoch === 0 ? 2 : 3;
  await live.goTo(round, 1);
  await live.until(`evaluations of ${round - 1}`, () => round === 0 || evaluated(round - 1));
  await live.until(`commits of ${round}`, () => history.commits(round).length === miners);
  if (epoch >= 0 && round % 3 === 0)
    await live.until(`weights of ${epoch}`, () => history.settled.weightCommits(epoch).length === weighing);
  if (epoch >= 0 && round % 3 === 1)
    await live.until(`rows of ${epoch}`, () => history.weightRows(epoch).length === weighing);
  await live.goTo(round, 601);
  await live.until(`reveals of ${round}`, () => history.reveals(round).length === miners);
  if (round > 0) await live.workerStatesOf(round - 1);
  await live.goTo(round, 801);
  await live.until(
    `attestations of ${round}`,
    () => history.rounds.attestations(round).length === validators,
  );
  if (epoch >= 0 && round % 3 === 2)
    await live.until(`settlement of ${epoch}`, () => history.settlements.at(-1)?.epoch === epoch);
  if (round === 8) await live.until("the checkpoint of round 6", () => history.checkpoints.length === 1);
}

/** Whether the validators that are there from the start have evaluated a round. */
function evaluated(round: number): boolean {
  return live.participants
    .filter(({ role }) => role === "validator")
    .slice(0, 2)
    .every(({ name }) =>
      new MetricsTail(join(dir, "workers", name, "metrics.jsonl"))
        .read()
        .some((row) => row.type === "evaluation" && row.round === round),
    );
}

test("2 honest miners, a copycat and noise, 2 validators and a late one, in one process: two epochs settle", async () => {
  const [first, second, late] = live.participants.filter(({ role }) => role === "validator");
  const miners = live.participants.filter(({ role }) => role === "miner");
  const restarted = miners.find(({ behaviour }) => behaviour === "honest");
  assert.ok(restarted !== undefined);
  for (const participant of [first, second, ...miners]) await start(participant);
  for (let round = 0; round < rounds; round++) {
    if (round === lateFrom) await start(late);
    if (round === restartIn) {
      await stop(restarted.name);
      await start(restarted);
    }
    if (round === absentIn) {
      await stop(second.name);
      await live.goTo(round, 0);
      await start(second);
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
  const [checkpoint] = live.follower.history.checkpoints;
  assert.deepEqual(
    [checkpoint?.round, checkpoint?.stateRoot],
    [6, [...(roots.get(6)?.values() ?? [])][0]],
    "validators attested the state that round 6 started with",
  );
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

test("late joiner: starts at the attested checkpoint and reaches everybody's state, without the rounds before", async () => {
  const { run, follower } = live;
  const rows: MetricRow[] = [];
  const common = { run, follower, clock: systemClock, log: silentLog };
  const states = await ModelStates.open(
    {
      ...common,
      beacons: new Beacons(run, follower),
      updates: new UpdateReader(run, systemClock),
      folder: join(dir, "late joiner"),
      metrics: { record: (row) => void rows.push(row) },
    },
    ended.signal,
  );
  assert.equal(states.latest.round, 6);
  const { root } = await states.at(rounds, ended.signal);
  const [any] = live.participants.filter(({ role }) => role === "validator");
  const theirs = new Observations();
  theirs.add("any", new MetricsTail(join(dir, "workers", any.name, "metrics.jsonl")).read());
  assert.equal(root, theirs.roots.get(rounds)?.get("any"));
  assert.deepEqual(
    rowsOf(rows, "state").map(({ round }) => round),
    [6, 7, 8, 9],
  );
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

const named = (role: string, behaviour: string) => {
  const found = live.participants.filter((one) => one.role === role && one.behaviour === behaviour);
  assert.ok(found.length > 0, `${role} ${behaviour}`);
  return found;
};

/** The command that replays a score, as a stranger with an RPC URL and a content store runs it. */
function replayed(uid: number, round: number, validator: number, ...more: string[]) {
  const { rpcUrl, registry } = live.optionsOf(live.participants[0]);
  const where = ["--dir", dir, "--rpc", rpcUrl, "--registry", registry, "--store", join(dir, "content")];
  const which = ["--uid", `${uid}`, "--round", `${round}`, "--validator", `${validator}`];
  return runScript("workers/cli/replay.ts", [...where, ...which, ...more]);
}

test("replay, an honest miner, a copycat and noise in a round of each epoch, by both validators: identical", async () => {
  const [first, second] = named("validator", "honest");
  const [honest] = named("miner", "honest");
  const [copycat] = named("miner", "copycat");
  const [noise] = named("miner", "noise");
  const json = join(dir, "replay.json");
  for (const [{ uid }, round, validator] of [
    [honest, 4, first],
    [copycat, 4, second],
    [honest, 5, second],
    [noise, 2, first],
  ] as const) {
    const { exitCode, out, err } = await replayed(uid, round, validator.uid, "--json", json);
    assert.equal(exitCode, 0, `${err}${out}`);
    assert.equal(out.trim().split("\n").at(-1), "identical");
    const result = JSON.parse(await readFile(json, "utf8"));
    const { verdict, difference, continuity, row } = result;
    const expected = { verdict: "identical", difference: null, continuity: "follows", row: "follows" };
    assert.deepEqual({ verdict, difference, continuity, row }, expected, `uid ${uid} in ${round}`);
    assert.deepEqual(result.log.machine, result.machine);
  }
});

test("replay, a uid nobody holds, a round that is not over, a damaged database: refused", async () => {
  const [{ uid: validator }] = named("validator", "honest");
  const [{ uid }] = named("miner", "honest");
  assertRefused(await replayed(200, 4, validator), "UNKNOWN_UID");
  assertRefused(await replayed(uid, 4, 200), "UNKNOWN_UID");
  assertRefused(await replayed(uid, 999, validator), "ROUND_NOT_OVER");
  assertRefused(await replayed(uid, 4, uid), "LOG_NOT_COMMITTED");
  assertRefused(await replayed(uid, 4, validator, "--book", join(dir, "none.sqlite")), "BOOK_MISSING");
  const book = join(dir, "damaged.sqlite");
  await writeFile(book, "SQLite format 3\0, and then nothing that is one");
  assertRefused(await replayed(uid, 4, validator, "--book", book), "DATABASE_CORRUPT");
  assertRefused(await runScript("workers/cli/replay.ts", ["--uid", "x", "--round", "1"]), "OPTION_INVALID");
  assertRefused(await runScript("workers/cli/replay.ts", ["--round", "1"]), "OPTION_MISSING");
});

const context = { ...unattended, signal: ended.signal };
function explained(uid: number | string, epoch: number | string) {
  const { rpcUrl: rpc, registry } = live.optionsOf(live.participants[0]);
  const args = { dir, rpc, registry, store: join(dir, "content"), json: true };
  return explainVerb({ ...args, uid: `${uid}`, epoch: `${epoch}` }, context);
}

test("status, a miner, a copycat and a validator: their last rounds, duties and no problem but being silent", async () => {
  const { rpcUrl: rpc, registry } = live.optionsOf(live.participants[0]);
  const of = async ({ uid }: { readonly uid: number }) => {
    const args = { dir, rpc, registry, store: join(dir, "content"), json: true, uid: `${uid}`, rounds: "3" };
    const { json, lines } = await statusVerb(args, context);
    return { ...json, lines: lines.length };
  };
  const [miner] = live.participants.filter(
    ({ role, behaviour }) => role === "miner" && behaviour === "honest",
  );
  const mining = JSON.parse(JSON.stringify(await of(miner)));
  const outcomes = mining.rounds.map(({ outcome }: { outcome: string }) => outcome);
  assert.deepEqual(outcomes, ["gathered", "gathered", "gathered", "open"]);
  assert.deepEqual(mining.problems, []);
  assert.ok(mining.rank === 1 || mining.rank === 2);
  const [validator] = live.participants.filter(({ role }) => role === "validator");
  const validating = JSON.parse(JSON.stringify(await of(validator)));
  assert.equal(validating.role, "validator");
  assert.deepEqual(
    validating.rounds.map(({ attested }: { attested: boolean }) => attested),
    [true, true, true, false],
  );
  assert.deepEqual(
    validating.epochs.map(({ revealed, settled }: Record<string, boolean>) => [revealed, settled]),
    [
      [true, true],
      [false, false],
    ],
  );
  await rejectsWith(
    statusVerb({ dir, rpc, registry, store: dir, json: true, uid: "0", rounds: "0" }, context),
    "NUMBER_INVALID",
  );
});

/** The receipt as programs read it. */
async function receiptOf(uid: number, epoch: number): Promise<Explained> {
  return JSON.parse(JSON.stringify((await explained(uid, epoch)).json));
}

test("explain, everybody in every settled epoch: adds up to what Emission credited, to the wei", async () => {
  const { settled } = live.follower.history;
  for (const { uid, neuronId, name } of live.participants) {
    let [incentive, dividend, take] = [0n, 0n, 0n];
    for (const epoch of [0, 1]) {
      const { lines } = await explained(uid, epoch);
      const { pay } = await receiptOf(uid, epoch);
      assert.ok(pay !== null);
      assert.deepEqual(pay.disagreements, [], `${name} in epoch ${epoch}`);
      assert.equal(lines.at(-1), "adds up exactly");
      incentive += parseEther(pay.incentive);
      dividend += parseEther(pay.dividend);
      take += parseEther(pay.take);
    }
    const { claimed: _, ...earned } = settled.earnings(neuronId);
    assert.deepEqual({ incentive, dividend, take }, earned, name);
  }
});

test("explain, a copycat: every check, its losses or why there are none, and the reason in each round", async () => {
  const [{ uid, neuronId }] = named("miner", "copycat");
  const receipt = await receiptOf(uid, 1);
  assert.equal(receipt.neuronId, String(neuronId));
  const { rounds, validators } = receipt;
  assert.deepEqual(
    rounds.map(({ round }) => round),
    [3, 4, 5],
  );
  for (const { round, eligible, evaluations } of rounds) {
    assert.ok(eligible, `round ${round}`);
    const found = evaluations.flatMap((evaluation) => (evaluation.found === null ? [] : [evaluation.found]));
    assert.ok(found.length >= 2, `round ${round}`);
    for (const { penalties, copyOf } of found) {
      assert.deepEqual(penalties[0], { reason: "copy", factor: 0 }, `round ${round}`);
      assert.equal(copyOf?.round, round - 1);
    }
  }
  for (const { row, agreement, committedAfterSeconds } of validators.slice(0, 2)) {
    assert.equal(row, "follows");
    assert.ok(agreement !== null && agreement > 0.5 && agreement <= 1, String(agreement));
    assert.ok(committedAfterSeconds !== null && committedAfterSeconds >= 0);
  }
});

test("explain, an honest miner: losses on as many sequences as the manifest says, in shards of its own", async () => {
  const [{ uid }] = named("miner", "honest");
  const { rounds: played } = await receiptOf(uid, 1);
  const { ownSequences, randomSequences } = live.run.manifest.scoring;
  const measured = played.flatMap(({ evaluations }) => evaluations).filter(({ found }) => found?.losses);
  assert.ok(measured.length >= 3);
  for (const { sequences } of measured) {
    assert.deepEqual([sequences?.own.length, sequences?.random.length], [ownSequences, randomSequences]);
    const shards = new Set(sequences?.own.map(([shard]) => shard));
    assert.ok(shards.size <= live.run.manifest.data.shardsPerEpoch);
  }
});

test("explain, audits of every update: honest miners reproduced bit by bit, whoever does not train fails", async () => {
  for (const [behaviour, expected] of [
    ["honest", "pass reproduced exact"],
    ["noise", "fail updateDiffers exact"],
  ]) {
    for (const { uid, name } of named("miner", behaviour)) {
      const { rounds: played } = await receiptOf(uid, 1);
      const audits = played
        .flatMap(({ evaluations }) => evaluations)
        .flatMap(({ found }) => (found?.audit ? [found.audit] : []));
      assert.ok(audits.length >= 3, `${name}: ${audits.length}`);
      for (const { round, result, reason, mode } of audits)
        assert.equal(`${result} ${reason} ${mode}`, expected, `${name} in ${round}`);
    }
  }
});

test("explain, bad input: refused; an epoch that is not settled, and a log that is gone: shown", async () => {
  const [{ uid }] = named("miner", "honest");
  await rejectsWith(explained(uid, 99), "EPOCH_NOT_BEGUN");
  await rejectsWith(explained(200, 1), "UNKNOWN_UID");
  await rejectsWith(explained("x", 1), "NUMBER_INVALID");
  await rejectsWith(explained(uid, "9".repeat(20)), "NUMBER_INVALID");
  const open = await receiptOf(uid, 2);
  assert.deepEqual([open.pay, open.rounds.length], [null, 3]);
  const [{ neuronId, uid: validator }] = named("validator", "honest");
  const digest = live.follower.history.settled.weightCommit(1, neuronId)?.logDigest.slice(2) ?? "";
  await rm(join(dir, "content", digest.slice(0, 2), `${digest}.raw`));
  const { validators, rounds } = await receiptOf(uid, 1);
  const shown = validators.find((one) => one.neuronId === String(neuronId));
  assert.deepEqual([shown?.logProblem, shown?.row], ["EVALUATION_LOG_MISSING", "unknown"]);
  assert.equal(rounds[0].evaluations.filter(({ found }) => found === null).length >= 1, true);
  assertRefused(await replayed(uid, 4, validator), "EVALUATION_LOG_MISSING", 75);
});

test("metrics of a validator: how late each duty was done, and how its rows agreed with consensus", () => {
  for (const { name } of named("validator", "honest").slice(0, 2)) {
    const rows = new MetricsTail(join(dir, "workers", name, "metrics.jsonl")).read();
    const done = rowsOf(rows, "latency");
    for (const duty of ["attest", "evaluate", "commitWeights", "revealWeights"]) {
      const late = done
        .filter((row) => row.duty === duty)
        .map(({ latencySeconds }) => Number(latencySeconds));
      assert.ok(late.length >= 2, `${name}: ${duty}`);
      assert.ok(Math.max(...late) < 200, `${name}: ${duty} after ${late} s`);
    }
    const agreements = rowsOf(rows, "agreement");
    assert.deepEqual(
      agreements.map(({ epoch }) => epoch),
      [0, 1],
      name,
    );
    for (const { agreement, epoch } of agreements)
      assert.ok(Number(agreement) > 0.5 && Number(agreement) <= 1, `${name} in ${epoch}: ${agreement}`);
  }
});

test("telemetry of a miner and a validator: healthy, and what they did is counted", async () => {
  const [miner] = named("miner", "honest");
  const [validator] = named("validator", "honest");
  for (const [{ name }, lines] of [
    [miner, ["weft_rounds_revealed_total", "weft_transactions_total"]],
    [validator, ["weft_evaluated_round", "weft_held_out_loss_nats", "weft_agreement_ratio"]],
  ] as const) {
    const at = `http://127.0.0.1:${ports.get(name)}`;
    const health = JSON.parse(await (await fetch(`${at}/healthz`)).text());
    assert.deepEqual([health.status, health.problems], ["ok", []], name);
    const page = await (await fetch(`${at}/metrics`)).text();
    const both = ["weft_chain_round", "weft_state_round", "weft_store_bytes", "weft_store_over_quota_bytes"];
    for (const line of [...both, ...lines])
      assert.match(page, new RegExp(`^${line}{.*} [1-9]`, "m"), `${name}: ${line}`);
    assert.match(page, /^weft_store_removed_total{.*} 0$/m, name);
  }
});
