import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ChallengeArguments, challengeVerb } from "../../scripts/tasks/challenge.ts";
import { DryRunEnd } from "../../scripts/tasks/dryRun.ts";
import { readAnswerSeconds, readBond, readChallenge } from "../../workers/chain/actions/challenge.ts";
import { readBalances } from "../../workers/chain/actions/readBalances.ts";
import { signingRun } from "../../workers/chain/run.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { ChallengeAnswerer } from "../../workers/miner/challengeAnswerer.ts";
import type { NeuronId, Round } from "../../workers/protocol/quantities.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import { liveRun } from "../support/liveRun.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { rejectsWith, unattended } from "../support/verbBench.ts";

const ended = new AbortController();
const { signal } = ended;
const dir = temporaryFolder({ after });
const content = join(dir, "content");
const withheld = join(dir, "withheld");
let live: Awaited<ReturnType<typeof liveRun>>;
let neuronId: NeuronId;

/** The miner works in three rounds, and its updates stand on the chain. */
before(async () => {
  live = await liveRun({ dir, miners: 1, validators: 1, adversaries: [], signal });
  const miner = minerOf();
  neuronId = miner.neuronId;
  const stopped = new AbortController();
  const working = runMiner(live.optionsOf(miner), stopped.signal).catch((error: unknown) => {
    if (!stopped.signal.aborted) ended.abort(error);
  });
  const { history } = live.follower;
  for (const round of [0, 1, 2]) {
    await live.goTo(round, 1);
    await live.until(`commit of ${round}`, () => history.commits(round).length === 1);
    await live.goTo(round, 601);
    await live.until(`reveal of ${round}`, () => history.reveals(round).length === 1);
  }
  stopped.abort(new Error("the miner is gone"));
  await working;
});
after(() => ended.abort());

function minerOf() {
  const found = live.participants.find(({ role }) => role === "miner");
  assert.ok(found !== undefined);
  return found;
}

function challenge(round: Round, more: Partial<ChallengeArguments> = {}, dryRun = false) {
  const { rpcUrl: rpc, registry } = live.optionsOf(live.participants[0]);
  const where = { dir, rpc, registry, store: content, json: true };
  const what = {
    as: "delegator-1",
    neuron: String(neuronId),
    round: String(round),
    answer: false,
    expire: false,
  };
  const context = { ...unattended, signal, consent: { ...unattended.consent, dryRun } };
  return challengeVerb({ ...where, ...what, ...more }, context);
}

const open = (round: Round) => readChallenge(live.contracts, neuronId, round, signal);
const tokensOf = async (name: string) => {
  const { coldkey } = live.participants.find((one) => one.name === name) ?? assert.fail(name);
  return (await readBalances(live.contracts, coldkey.address, signal)).tokens;
};

test("challenge, what cannot be asked for: refused before anything is sent; a dry run sends nothing", async () => {
  await rejectsWith(challenge(0, { round: undefined }), "ROUND_MISSING");
  await rejectsWith(challenge(0, { round: "first" }), "NUMBER_INVALID");
  await rejectsWith(challenge(7), "NOT_REVEALED");
  await rejectsWith(challenge(0, { slice: "100000" }), "SLICE_OUT_OF_BOUNDS");
  await rejectsWith(challenge(0, { answer: true, expire: true }), "OPTIONS_CONFLICT");
  await rejectsWith(challenge(0, { answer: true }), "NO_CHALLENGE");
  await rejectsWith(challenge(0, { expire: true }), "NO_CHALLENGE");
  await assert.rejects(challenge(0, {}, true), (end) => end instanceof DryRunEnd);
  assert.equal(await open(0), undefined);
});

test("ChallengeAnswerer, an open challenge: the slice is shown, and the bond is the miner's", async () => {
  const bond = await readBond(live.contracts, signal);
  const miner = minerOf();
  const held = [await tokensOf("delegator-1"), await tokensOf(miner.name)];
  await challenge(1, { slice: "0" });
  assert.equal((await open(1))?.index, 0);
  const { timestamp } = await live.contracts.publicClient.getBlock();
  assert.equal(
    (await open(1))?.deadline,
    Number(timestamp) + (await readAnswerSeconds(live.contracts, signal)),
  );
  await rejectsWith(challenge(1), "CONTRACT_REVERT", "AlreadyOpen");
  const { run, follower } = live;
  await follower.sync(signal);
  const signing = signingRun(live.contracts, miner.hotkey, { clock: systemClock });
  const context = { run, neuronId, follower };
  const logged: string[] = [];
  const note = (text: string) => void logged.push(text);
  const log = { ...silentLog, info: note, warn: note, error: note };
  const answerer = new ChallengeAnswerer({ context, signing, clock: systemClock, log });
  await answerer.look(signal);
  assert.equal(await open(1), undefined);
  assert.equal(await tokensOf("delegator-1"), held[0] - bond);
  assert.equal(await tokensOf(miner.name), held[1] + bond);
  // Its event has not been read: nothing is sent again, and nothing fails.
  assert.equal(follower.history.openChallenges(neuronId).length, 1);
  await answerer.look(signal);
  assert.deepEqual(logged, ["challenge answered"]);
  await follower.sync(signal);
  assert.deepEqual(follower.history.openChallenges(neuronId), []);
});

test("challenge --answer, by anybody who holds the content: the bond goes to the miner all the same", async () => {
  const before = await tokensOf(minerOf().name);
  await challenge(1);
  const { json } = await challenge(1, { answer: true, as: "validator-1" });
  assert.equal(json.slice, 0);
  assert.equal(await open(1), undefined);
  assert.ok((await tokensOf(minerOf().name)) > before);
});

test("challenge of content that nobody has: not answered, and --expire after its time slashes and pays the bond back", async () => {
  const before = await tokensOf("delegator-1");
  await challenge(2);
  await rename(content, withheld);
  await live.follower.sync(signal);
  const { run, follower } = live;
  const signing = signingRun(live.contracts, minerOf().hotkey, { clock: systemClock });
  const context = { run, neuronId, follower };
  await new ChallengeAnswerer({ context, signing, clock: systemClock, log: silentLog }).look(signal);
  await rename(withheld, content);
  await rejectsWith(challenge(2, { expire: true }), "CONTRACT_REVERT", "TooEarly");
  await live.goTo(2, 900);
  await rejectsWith(challenge(2, { answer: true }), "CONTRACT_REVERT", "TooLate");
  await challenge(2, { expire: true });
  assert.equal(await open(2), undefined);
  // The bond, and the reporter's share of what the miner lost.
  assert.ok((await tokensOf("delegator-1")) >= before);
  await rejectsWith(challenge(2), "CONTRACT_REVERT", "AlreadySlashed");
});
