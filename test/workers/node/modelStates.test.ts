import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { EventSource } from "../../../workers/chain/eventSource.ts";
import { EventLog } from "../../../workers/database/eventLog.ts";
import { savedRounds } from "../../../workers/database/workerState.ts";
import { ModelStates } from "../../../workers/node/modelStates.ts";
import { rootOf, stateContent } from "../../../workers/node/stateContent.ts";
import { outerStep } from "../../../workers/training/outerStep.ts";
import { rowsOf } from "../../support/rowsOf.ts";
import { never, type ScriptedRun, SleepClock, scriptedRun, valuesOf } from "../../support/scriptedRun.ts";
import { tinyGenesis } from "../../support/tinyRun.ts";

/** Neuron 1 validates; 2 and 3 mine. */
function players({ chain }: ScriptedRun) {
  const [validator, first, second] = chain.register(3);
  chain.permit([validator]);
  return { validator, first, second };
}

test("ModelStates, a new folder: θ_0, then what the attested updates of the round make of it", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, run, root, seal, publish, node } = scripted;
  const { validator, first, second } = players(scripted);
  const sealed = [await seal(first, 0), await seal(second, 0)];
  chain.goTo(0, 65);
  // Committed the other way round than the uids: they are applied ascending by uid.
  publish(second, 0, sealed[1]);
  publish(first, 0, sealed[0]);
  chain.goTo(0, 85).attest(0, validator, 0b110n).goTo(1, 0);
  const { states, rows, folder } = await node("a", new SleepClock());
  assert.deepEqual([states.latest.round, states.latest.root], [0, root]);
  const next = await states.at(1, never);
  const theta = outerStep(
    tinyGenesis,
    sealed.map(({ tensors }) => tensors),
    run.manifest.outer,
  );
  assert.equal(next.root, rootOf(run.specs, theta));
  assert.deepEqual(rows.at(-1), { type: "state", round: 1, root: next.root, gathered: [1, 2], leftOut: [] });
  assert.deepEqual(savedRounds(join(folder, "model")), [1]);
  const again = await node("a", new SleepClock());
  assert.deepEqual([again.states.latest.round, again.states.latest.root], [1, next.root]);
});

test("ModelStates, updates of a round that arrive in another order: fetched at the same time, applied as ever", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, run, seal, publish, node, store } = scripted;
  const { validator, first, second } = players(scripted);
  const sealed = [await seal(first, 0), await seal(second, 0)];
  chain.goTo(0, 65);
  publish(first, 0, sealed[0]);
  publish(second, 0, sealed[1]);
  chain.goTo(0, 85).attest(0, validator, 0b110n).goTo(1, 0);
  const secondRead = Promise.withResolvers<void>();
  const get: typeof store.get = async (ref, options) => {
    // The first update comes once the second is there.
    if (ref.digest === sealed[0].ref.digest) await secondRead.promise;
    const bytes = await store.get(ref, options);
    if (ref.digest === sealed[1].ref.digest) secondRead.resolve();
    return bytes;
  };
  const { states } = await node("a", new SleepClock(), {
    store: { get, put: (...given) => store.put(...given), has: (...given) => store.has(...given) },
  });
  const theta = outerStep(
    tinyGenesis,
    sealed.map(({ tensors }) => tensors),
    run.manifest.outer,
  );
  assert.equal((await states.at(1, never)).root, rootOf(run.specs, theta));
});

test("ModelStates, nothing attested: θ stays; only the last states are kept", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, root, seal, publish, node } = scripted;
  const { first } = players(scripted);
  const sealed = await seal(first, 0);
  chain.goTo(0, 65);
  publish(first, 0, sealed);
  for (let round = 1; round <= 4; round++) chain.goTo(round, 0);
  const { states } = await node("a", new SleepClock());
  assert.equal((await states.at(4, never)).root, root);
  assert.equal((await states.at(2, never)).root, root);
  await assert.rejects(states.at(1, never), { code: "STATE_TOO_OLD" });
});

test("ModelStates, a reorganisation that takes an attestation back: the states behind it go, in memory and on disk, and come anew", async (t) => {
  for (const isOff of [false, true]) {
    const scripted = await scriptedRun(t);
    const { chain, root, seal, publish, node, dir } = scripted;
    const { validator, first } = players(scripted);
    const sealed = [await seal(first, 0), await seal(first, 1)];
    chain.goTo(0, 65);
    publish(first, 0, sealed[0]);
    chain.goTo(0, 70);
    const clock = new SleepClock();
    const { states, follower, folder } = await node("a", clock);
    const log = new EventLog(join(dir, "a", "events.sqlite"), "run");
    follower.keep(log);
    chain.goTo(0, 85).attest(0, validator, 0b10n).goTo(1, 0).goTo(2, 0);
    const former = await states.at(2, never);
    assert.notEqual(former.root, root);
    follower.keep(log);
    chain.reorganise(3).goTo(0, 90).goTo(1, 0).goTo(2, 0).goTo(3, 0);
    const { events: read, seen } = log.load();
    const events = new EventSource(chain.contracts, { seen });
    const { contracts } = chain;
    const now = isOff ? await node("a", clock, {}, { events, read, contracts }) : undefined;
    await (now ?? { follower }).follower.sync(never);
    const after = await (now ?? { states }).states.at(3, never);
    assert.equal(after.root, root, `off meanwhile: ${isOff}`);
    assert.deepEqual(savedRounds(join(folder, "model")), [3, 2]);
    assert.equal((await (now ?? { states }).states.at(2, never)).root, root);
    log.close();
  }
});

test("ModelStates, a saved state that was damaged: starts from an older one and comes to the same root", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, seal, publish, node } = scripted;
  const { validator, first } = players(scripted);
  const sealed = await seal(first, 0);
  chain.goTo(0, 65);
  publish(first, 0, sealed);
  chain.goTo(0, 85).attest(0, validator, 0b10n).goTo(1, 0).goTo(2, 0).goTo(3, 0);
  const before = await node("a", new SleepClock());
  const { root } = await before.states.at(3, never);
  const path = join(before.folder, "model", "state-3.bin");
  const bytes = await readFile(path);
  bytes[bytes.length - 3] ^= 1;
  await writeFile(path, bytes);
  const after = await node("a", new SleepClock());
  assert.equal(after.states.latest.round, 2);
  assert.equal((await after.states.at(3, never)).root, root);
});

test("ModelStates, θ_0 of another root or another size, STATE_CONTENT_MISMATCH", async (t) => {
  const { run, store, node } = await scriptedRun(t);
  const { manifest } = run;
  const other = { ...manifest.genesisState, root: `0x${"99".repeat(32)}` } as const;
  const mismatch = { code: "STATE_CONTENT_MISMATCH" };
  await assert.rejects(
    node("a", new SleepClock(), { manifest: { ...manifest, genesisState: other } }),
    mismatch,
  );
  for (const length of [5, 4000]) {
    const { cid, size } = await store.put(new Uint8Array(length), { signal: never });
    const genesisState = { cid, size, root: manifest.genesisState.root };
    await assert.rejects(node("b", new SleepClock(), { manifest: { ...manifest, genesisState } }), mismatch);
  }
});

test("ModelStates, an attested update that nobody serves: waits, and goes on when it appears", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, store, seal, publish, node, root } = scripted;
  const { validator, first } = players(scripted);
  const sealed = await seal(first, 0, { stored: false });
  chain.goTo(0, 65);
  publish(first, 0, sealed);
  chain.goTo(0, 85).attest(0, validator, 0b10n).goTo(1, 0);
  const clock = new SleepClock();
  clock.onSleep = () => (clock.sleeps === 3 ? store.put(sealed.encrypted, { signal: never }) : undefined);
  const { states, rows } = await node("a", clock);
  const next = await states.at(1, never);
  assert.equal(clock.sleeps, 3);
  assert.notEqual(next.root, root);
  assert.deepEqual(rowsOf(rows, "state").at(-1)?.gathered, [1]);
});

test("ModelStates, attested updates that are none or start from another state: left out", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, run, seal, publish, node } = scripted;
  const [validator, good, broken, elsewhere] = chain.register(4);
  chain.permit([validator]);
  const valid = await seal(good, 0);
  const invalid = await seal(broken, 0, { bytes: new Uint8Array(2000).fill(1) });
  const strange = await seal(elsewhere, 0, { change: { parentRoot: `0x${"55".repeat(32)}` } });
  chain.goTo(0, 65);
  publish(good, 0, valid);
  publish(broken, 0, invalid);
  publish(elsewhere, 0, strange);
  chain.goTo(0, 85).attest(0, validator, 0b1110n).goTo(1, 0);
  const { states, rows } = await node("a", new SleepClock());
  const theta = outerStep(tinyGenesis, [valid.tensors], run.manifest.outer);
  const { root } = await states.at(1, never);
  assert.equal(root, rootOf(run.specs, theta));
  assert.deepEqual(rows.at(-1), { type: "state", round: 1, root, gathered: [1, 2, 3], leftOut: [2, 3] });
});

test("ModelStates, a uid that changed hands within the round: the update of who held it at the start", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, run, seal, publish, node } = scripted;
  const { validator, first } = players(scripted);
  const intruder = { neuronId: 9n, uid: first.uid, hotkey: `0x${"9".padStart(40, "a")}` } as const;
  const sealed = await seal(first, 0);
  // Committed first, before it was registered, and served by nobody: were it looked for, the network would wait forever.
  const theirs = await seal(intruder, 0, { stored: false });
  chain.goTo(0, 10).commit(0, intruder, theirs.content);
  chain.goTo(0, 65);
  publish(first, 0, sealed);
  chain.registerAs(intruder.neuronId, intruder.uid, first.neuronId);
  chain.reveal(0, intruder, theirs.content);
  chain.goTo(0, 85).attest(0, validator, 0b10n).goTo(1, 0);
  const clock = new SleepClock();
  const { states } = await node("a", clock);
  const theta = outerStep(tinyGenesis, [sealed.tensors], run.manifest.outer);
  assert.equal((await states.at(1, never)).root, rootOf(run.specs, theta));
  assert.equal(clock.sleeps, 0);
});

test("ModelStates, opened again a round later: the state of the round before is still on disk, none before that", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, node } = scripted;
  chain.register(1);
  chain.goTo(4, 0);
  const before = await (await node("a", new SleepClock())).states.at(4, never);
  const { states } = await node("a", new SleepClock());
  assert.equal(states.latest.round, 4);
  assert.deepEqual(await states.at(3, never), { ...before, round: 3 });
  await assert.rejects(states.at(1, never), { code: "STATE_TOO_OLD" });
});

test("ModelStates, up to a round: starts from a saved state that is not later", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, node } = scripted;
  chain.register(1);
  chain.goTo(4, 0);
  const first = await node("a", new SleepClock());
  await first.states.at(4, never);
  const options = { ...first, folder: join(first.folder, "model") };
  assert.equal((await ModelStates.open({ ...options, upTo: 3 }, never)).latest.round, 3);
  assert.equal((await ModelStates.open({ ...options, upTo: 2 }, never)).latest.round, 0);
});

test("ModelStates, told to fail where an update of the gather set is missing: fails", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, seal, publish, node } = scripted;
  const { validator, first } = players(scripted);
  const sealed = await seal(first, 0, { stored: false });
  chain.goTo(0, 65);
  publish(first, 0, sealed);
  chain.goTo(0, 85).attest(0, validator, 0b10n).goTo(1, 0);
  const parts = await node("a", new SleepClock());
  const folder = join(parts.folder, "other");
  const states = await ModelStates.open({ ...parts, folder, missing: "fail" }, never);
  await assert.rejects(states.at(1, never), { code: "CONTENT_MISSING" });
});

test("ModelStates, an attested checkpoint that is newer: starts there, without the rounds before", async (t) => {
  const { chain, run, store, root, node } = await scriptedRun(t);
  const theta = valuesOf(run, 5);
  const ref = await store.put(stateContent(theta), { signal: never });
  const stateRoot = rootOf(run.specs, theta);
  const content = { contentDigest: ref.digest, contentSize: ref.size };
  chain.goTo(6, 0).attestCheckpoint({ round: 6, stateRoot, ...content });
  const joined = await node("late", new SleepClock());
  assert.deepEqual([joined.states.latest.round, joined.states.latest.root], [6, stateRoot]);
  // Content that is not what was attested, or that nobody has: earlier rounds are replayed.
  const lost = { contentDigest: `0x${"1f".repeat(32)}`, contentSize: ref.size } as const;
  for (const attested of [
    { round: 9, stateRoot: root, ...content },
    { round: 10, stateRoot, ...lost },
    { round: 11, stateRoot, contentDigest: ref.digest, contentSize: ref.size - 4 },
  ]) {
    chain.goTo(attested.round, 0).attestCheckpoint(attested);
    const other = await node(`late ${attested.round}`, new SleepClock());
    assert.equal(other.states.latest.round, 0);
  }
});

test("ModelStates, a state on disk that is newer than the attested checkpoint, goes on from disk", async (t) => {
  const { chain, run, root, node, store } = await scriptedRun(t);
  chain.goTo(0, 0).goTo(1, 0).goTo(2, 0).goTo(3, 0);
  const before = await node("a", new SleepClock());
  await before.states.at(3, never);
  const ref = await store.put(stateContent(valuesOf(run, 5)), { signal: never });
  const stateRoot = rootOf(run.specs, valuesOf(run, 5));
  chain.attestCheckpoint({ round: 2, stateRoot, contentDigest: ref.digest, contentSize: ref.size });
  const after = await node("a", new SleepClock());
  assert.deepEqual([after.states.latest.round, after.states.latest.root], [3, root]);
});

test("ModelStates, a node that was off for 50 rounds: catches up to the root of one that was not, by replay and by the checkpoint", async (t) => {
  const scripted = await scriptedRun(t);
  const { chain, run, store, seal, publish, node } = scripted;
  const { validator, first } = players(scripted);
  const always = await node("always", new SleepClock());
  const play = async (round: number) => {
    const { root } = await always.states.at(round, never);
    const sealed = await seal(first, round, { change: { parentRoot: root } });
    chain.goTo(round, 65);
    publish(first, round, sealed);
    chain
      .goTo(round, 85)
      .attest(round, validator, 0b10n)
      .goTo(round + 1, 0);
  };
  await play(0);
  for (const name of ["replays", "jumps"]) await (await node(name, new SleepClock())).states.at(1, never);
  for (let round = 1; round <= 50; round++) await play(round);
  const { root } = await always.states.at(51, never);
  const replaying = await node("replays", new SleepClock());
  assert.equal(replaying.states.latest.round, 1);
  assert.equal((await replaying.states.at(51, never)).root, root);
  assert.equal(replaying.rows.length, 51, "its own state, and fifty more");

  const { theta, root: stateRoot } = await always.states.at(50, never);
  const { digest, size } = await store.put(stateContent(theta), { signal: never });
  chain
    .mine(chain.time + 1)
    .attestCheckpoint({ round: 50, stateRoot, contentDigest: digest, contentSize: size });
  const jumping = await node("jumps", new SleepClock());
  assert.deepEqual([jumping.states.latest.round, jumping.states.latest.root], [50, stateRoot]);
  assert.equal((await jumping.states.at(51, never)).root, root);
  assert.notEqual(root, run.manifest.genesisState.root);
});
