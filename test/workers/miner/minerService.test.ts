import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Hex } from "viem";
import { ContractRevert } from "../../../workers/chain/contractRevert.ts";
import { Journal } from "../../../workers/database/journal.ts";
import { MinerService } from "../../../workers/miner/minerService.ts";
import type { RoundWork, UpdatePolicy } from "../../../workers/miner/updatePolicy.ts";
import { WorkerStates } from "../../../workers/miner/workerStates.ts";
import type { LateStart } from "../../../workers/node/lateStart.ts";
import { FatalError, RetryableError } from "../../../workers/protocol/errors.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { type WorkerState, workerStateRoot, zeroWorkerState } from "../../../workers/training/workerState.ts";
import { rowsOf } from "../../support/rowsOf.ts";
import type { ScriptedNeuron } from "../../support/scriptedChain.ts";
import { type ScriptedRun, SleepClock, scriptedRun, valuesOf } from "../../support/scriptedRun.ts";

class Crash extends Error {}

/** A miner, its policy, and a chain that takes what it sends; time passes while it sleeps. */
async function bench(t: TestContext, overlap?: 0 | 1) {
  const scripted = await scriptedRun(t, undefined, overlap);
  const { chain } = scripted;
  const [neuron] = chain.register(3);
  const sizes = new Map<bigint, { digest: Hex; size: number }>();
  /** Puts a call's event on the chain. */
  const take: typeof chain.answer = ({ action, args }) => {
    const [round, digest, size, next, salt] = args as [bigint, Hex, bigint, Hex, Hex];
    if (action === "commitUpdate") {
      sizes.set(round, { digest, size: Number(size) });
      chain.commit(Number(round), neuron, { digest, size: Number(size) });
    } else {
      chain.reveal(Number(round), neuron, { digest, size: Number(size), dataRoot: next, salt });
    }
  };
  chain.answer = take;
  return { ...scripted, neuron, take, miner: await openMiner(scripted, neuron) };
}

async function openMiner(scripted: ScriptedRun, neuron: ScriptedNeuron) {
  const { chain, run, dir } = scripted;
  const clock = new SleepClock();
  clock.onSleep = () => chain.mine(chain.time + 10);
  const { rows, states, follower, updates } = await scripted.node("miner", clock);
  const journal = new Journal(join(dir, "miner", "journal.sqlite"), { hotkey: neuron.hotkey });
  const workerStates = await WorkerStates.open(run.specs, join(dir, "miner", "worker"), journal, silentLog);
  const offered: number[] = [];
  const begun: { late: LateStart; workerState: WorkerState; status: string | undefined }[] = [];
  const lates: RoundWork["late"][] = [];
  const policy: UpdatePolicy = {
    begin(late, workerState) {
      begun.push({ late, workerState, status: journal.update(late.round - 1)?.status });
    },
    async offer({ state, workerState, late }) {
      offered.push(state.round);
      lates.push(late);
      const moments = { ...workerState.moments, steps: workerState.moments.steps + 8 };
      return { values: valuesOf(run, state.round + 1), moments, trainLoss: 3 };
    },
    close: async () => undefined,
  };
  const stop = new AbortController();
  let salts = 0;
  const service = new MinerService({
    context: { run, neuronId: neuron.neuronId, follower, updates },
    signing: chain.signing(neuron),
    states,
    workerStates,
    policy,
    journal,
    randomSalt: () => `0x${(++salts + chain.time).toString(16).padStart(64, "5")}`,
    clock,
    log: silentLog,
    metrics: { record: (row) => void rows.push(row) },
  });
  return {
    journal,
    workerStates,
    offered,
    begun,
    lates,
    clock,
    follower,
    updates,
    rows,
    /** Runs until the round has begun; gives what ended it otherwise. */
    async until(round: number): Promise<unknown> {
      const { genesis, period } = run.contracts.clock;
      const end = genesis + round * period;
      const before = clock.onSleep;
      clock.onSleep = () => {
        before();
        if (chain.time >= end) stop.abort(new Crash("the end"));
      };
      try {
        await service.run(stop.signal);
      } catch (error) {
        return error instanceof Crash ? undefined : error;
      } finally {
        journal.close();
      }
      return undefined;
    },
  };
}

const actionsOf = ({ chain }: ScriptedRun) => chain.sent.map(({ action, args }) => `${action} ${args[0]}`);

/** stateBefore and stateAfter of the updates that stand on chain, by round. */
async function statesOf(scripted: ScriptedRun, neuron: ScriptedNeuron, rounds: readonly number[]) {
  const { follower, updates } = await scripted.node("reader", new SleepClock());
  const signal = new AbortController().signal;
  await follower.sync(signal);
  const found: { before: Hex; after: Hex }[] = [];
  for (const round of rounds) {
    const reveal = follower.history.rounds.reveal(round, neuron.neuronId);
    assert.ok(reveal !== undefined, `round ${round}`);
    const { header } = await updates.read(reveal, signal);
    found.push({ before: header.stateBefore, after: header.stateAfter });
  }
  return found;
}

test("MinerService, rounds without trouble: commits what the journal held before, reveals, chains its state", async (t) => {
  const scripted = await bench(t);
  const { chain, miner, neuron, take, run } = scripted;
  chain.answer = (call) => {
    const entry = miner.journal.update(Number(call.args[0]));
    if (call.action === "commitUpdate") {
      assert.equal(entry?.status, "planned");
      assert.equal(entry.commitment, call.args[3]);
    } else {
      assert.equal(entry?.status, "committed");
      assert.equal(entry.salt, call.args[4]);
    }
    take(call);
  };
  assert.equal(await miner.until(3), undefined);
  const rounds = [0, 1, 2];
  assert.deepEqual(
    actionsOf(scripted),
    rounds.flatMap((round) => [`commitUpdate ${round}`, `revealUpdate ${round}`]),
  );
  const states = await statesOf(scripted, neuron, rounds);
  assert.equal(states[0].before, workerStateRoot(run.specs, zeroWorkerState(run.specs)));
  assert.equal(states[1].before, states[0].after);
  assert.equal(states[2].before, states[1].after);
  const measured = rowsOf(miner.rows, "round");
  assert.deepEqual(
    measured.map(({ round, trainLoss }) => [round, trainLoss]),
    [
      [0, 3],
      [1, 3],
      [2, 3],
    ],
  );
});

test("MinerService, a crash between plan and commit: the same content and salt afterwards, nothing trained again", async (t) => {
  const scripted = await bench(t);
  const { chain, miner, neuron, take } = scripted;
  let planned: unknown;
  chain.answer = ({ args }) => {
    planned = args[4];
    throw new FatalError("CRASH", "before it was sent");
  };
  assert.equal((await miner.until(1)) instanceof FatalError, true);
  chain.answer = take;
  const again = await openMiner(scripted, neuron);
  assert.equal(await again.until(2), undefined);
  assert.deepEqual(actionsOf(scripted).slice(0, 2), ["commitUpdate 0", "revealUpdate 0"]);
  assert.equal(chain.sent[0].args[4], planned);
  assert.deepEqual(again.offered, [1]);
  const [first, second] = await statesOf(scripted, neuron, [0, 1]);
  assert.equal(second.before, first.after);
});

test("MinerService, a crash after the commit got on chain: reveals it without another commit", async (t) => {
  const scripted = await bench(t);
  const { chain, miner, neuron, take } = scripted;
  chain.answer = (call) => {
    take(call);
    throw new FatalError("CRASH", "before the journal knew");
  };
  await miner.until(1);
  chain.mine(chain.time + 1);
  chain.answer = take;
  const again = await openMiner(scripted, neuron);
  await again.until(1);
  assert.deepEqual(actionsOf(scripted), ["revealUpdate 0"]);
  assert.deepEqual(again.offered, []);
});

test("MinerService, a crash after the reveal got on chain: the next round continues its state", async (t) => {
  for (const sleptThrough of [false, true]) {
    const scripted = await bench(t);
    const { chain, miner, neuron, take } = scripted;
    chain.answer = (call) => {
      take(call);
      if (call.action === "revealUpdate") throw new FatalError("CRASH", "before the journal knew");
    };
    await miner.until(1);
    if (sleptThrough) chain.goTo(4, 1);
    else chain.mine(chain.time + 1);
    chain.answer = take;
    const next = sleptThrough ? 4 : 1;
    const again = await openMiner(scripted, neuron);
    assert.equal(await again.until(next + 1), undefined);
    const [first, second] = await statesOf(scripted, neuron, [0, next]);
    assert.equal(second.before, first.after, `next is ${next}`);
    assert.deepEqual(again.offered, [next]);
  }
});

test("MinerService, a restart after the reveal in the same round: nothing is done again", async (t) => {
  const scripted = await bench(t);
  const { chain, miner, neuron } = scripted;
  const { clock } = miner;
  const before = clock.onSleep;
  const stopped = miner.until(9);
  clock.onSleep = () => {
    before();
    if (chain.sent.length === 2) throw new FatalError("CRASH", "after the reveal");
  };
  assert.equal((await stopped) instanceof FatalError, true);
  const again = await openMiner(scripted, neuron);
  await again.until(2);
  assert.deepEqual(again.offered, [1]);
  const [first, second] = await statesOf(scripted, neuron, [0, 1]);
  assert.equal(second.before, first.after);
});

test("MinerService, a commit that is refused and one that the RPC loses: the rounds are lost, the next goes on", async (t) => {
  const scripted = await bench(t);
  const { chain, miner, neuron, take, run } = scripted;
  chain.answer = (call) => {
    const round = Number(call.args[0]);
    if (round === 0) throw new ContractRevert("commitUpdate", "WrongPhase", {}, false, undefined);
    if (round === 1) throw new RetryableError("TRANSACTION_STUCK", "not mined");
    take(call);
  };
  assert.equal(await miner.until(3), undefined);
  const lost = rowsOf(miner.rows, "roundLost");
  assert.deepEqual(
    lost.map(({ round, code }) => [round, code]),
    [
      [0, "CONTRACT_REVERT"],
      [1, "TRANSACTION_STUCK"],
    ],
  );
  const [state] = await statesOf(scripted, neuron, [2]);
  assert.equal(
    state.before,
    workerStateRoot(run.specs, zeroWorkerState(run.specs)),
    "lost rounds leave no trace",
  );
});

test("MinerService, an RPC that falls silent between rounds: outlasts it", async (t) => {
  const scripted = await bench(t);
  const { chain, miner, take } = scripted;
  chain.answer = (call) => {
    take(call);
    if (call.action === "revealUpdate") chain.silentFor = 5;
  };
  assert.equal(await miner.until(2), undefined);
  assert.deepEqual(miner.offered, [0, 1]);
});

test("MinerService, started after the commit phase: begins with the next round", async (t) => {
  const { chain, miner } = await bench(t);
  chain.goTo(3, 85);
  assert.equal(await miner.until(5), undefined);
  assert.deepEqual(miner.offered, [4]);
});

test("MinerService, its uid went to somebody else: UID_LOST", async (t) => {
  const { chain, miner, neuron } = await bench(t);
  chain.goTo(0, 1).registerAs(99n, neuron.uid, neuron.neuronId);
  const error = await miner.until(2);
  assert.ok(error instanceof FatalError);
  assert.equal(error.code, "UID_LOST");
});

test("MinerService, a reorganisation takes the commit back: the same commit again, and no other", async (t) => {
  const scripted = await bench(t);
  const { chain, miner, neuron, take } = scripted;
  let reorganised = false;
  chain.answer = (call) => {
    take(call);
    // Once the miner has read it, it goes.
    if (call.action === "commitUpdate" && !reorganised) vanishAfterSleeps(2);
  };
  const vanishAfterSleeps = (sleeps: number) => {
    const at = miner.clock.sleeps + sleeps;
    const was = miner.clock.onSleep;
    miner.clock.onSleep = async () => {
      await was();
      if (reorganised || miner.clock.sleeps < at) return;
      reorganised = true;
      const { time } = chain;
      chain.reorganise(sleeps + 1);
      for (let left = sleeps + 1; left >= 0; left--) chain.mine(time - left);
    };
  };
  assert.equal(await miner.until(2), undefined);
  assert.deepEqual(actionsOf(scripted), [
    "commitUpdate 0",
    "commitUpdate 0",
    "revealUpdate 0",
    "commitUpdate 1",
    "revealUpdate 1",
  ]);
  assert.deepEqual(chain.sent[0].args, chain.sent[1].args);
  assert.deepEqual(miner.offered, [0, 1]);
  const [first, second] = await statesOf(scripted, neuron, [0, 1]);
  assert.equal(second.before, first.after);
});

test("MinerService, a reorganisation takes the reveal back: in time, the same again; too late, its state goes back as well", async (t) => {
  for (const isLate of [false, true]) {
    const scripted = await bench(t);
    const { chain, miner, neuron, take, run } = scripted;
    let revealedAt = Number.POSITIVE_INFINITY;
    chain.answer = (call) => {
      take(call);
      if (call.action === "revealUpdate" && revealedAt > chain.time) revealedAt = chain.time;
    };
    const before = miner.clock.onSleep;
    let reorganised = false;
    miner.clock.onSleep = () => {
      before();
      const { time } = chain;
      if (reorganised || time < revealedAt + (isLate ? 30 : 10)) return;
      reorganised = true;
      let blocks = 0;
      while (chain.time >= revealedAt) {
        chain.reorganise(1);
        blocks += 1;
      }
      for (let left = blocks; left >= 0; left--) chain.mine(time - left);
    };
    assert.equal(await miner.until(2), undefined);
    const ofRound0 = actionsOf(scripted).filter((action) => action.endsWith(" 0"));
    const once = ["commitUpdate 0", "revealUpdate 0"];
    assert.deepEqual(ofRound0, isLate ? once : [...once, "revealUpdate 0"]);
    const zero = workerStateRoot(run.specs, zeroWorkerState(run.specs));
    const rounds = isLate ? [1] : [0, 1];
    const states = await statesOf(scripted, neuron, rounds);
    assert.equal(states.at(-1)?.before, isLate ? zero : states[0].after);
  }
});

test("MinerService, after a crash the commit still waits for a block: waited for, then revealed; another's content in its place: the round is lost", async (t) => {
  for (const isOurs of [true, false]) {
    const scripted = await bench(t);
    const { chain, miner, neuron, take } = scripted;
    chain.answer = () => {
      throw new FatalError("CRASH", "sent, and in no block yet");
    };
    assert.equal((await miner.until(1)) instanceof FatalError, true);
    const again = await openMiner(scripted, neuron);
    const planned = again.journal.update(0)?.content;
    assert.ok(planned !== undefined);
    const { sleeps } = again.clock;
    const before = again.clock.onSleep;
    let refused = 0;
    again.clock.onSleep = () => {
      before();
      if (refused === 0 || again.clock.sleeps !== sleeps + 2) return;
      const content = isOurs ? planned : { digest: `0x${"99".repeat(32)}` as const, size: 9 };
      chain.commit(0, neuron, content);
    };
    chain.answer = (call) => {
      if (call.action !== "commitUpdate" || call.args[0] !== 0n) return take(call);
      refused += 1;
      throw new ContractRevert("commitUpdate", "AlreadyCommitted", { round: 0n }, false, undefined);
    };
    assert.equal(await again.until(isOurs ? 1 : 2), undefined);
    assert.equal(refused, 1, "asked once");
    const lost = rowsOf(again.rows, "roundLost");
    assert.deepEqual(
      lost.map(({ round, code }) => [round, code]),
      isOurs ? [] : [[0, "CONTRACT_REVERT"]],
    );
    assert.equal(actionsOf(scripted)[0], isOurs ? "revealUpdate 0" : "commitUpdate 1");
  }
});

test("MinerService, a run that overlaps: late steps begin once an update is planned, and go on from what was revealed", async (t) => {
  const scripted = await bench(t, 1);
  const { miner, neuron } = scripted;
  assert.equal(await miner.until(6), undefined);
  const { begun, lates } = miner;
  assert.deepEqual(
    begun.map(({ late, status }) => [late.round, late.from.round, status]),
    [
      [4, 3, "planned"],
      [5, 4, "planned"],
      [6, 5, "planned"],
    ],
  );
  assert.deepEqual(lates.slice(0, 4), [undefined, undefined, undefined, undefined], "the first rounds");
  for (const [index, round] of [4, 5].entries()) {
    const { late, workerState } = begun[index];
    assert.deepEqual(lates[round], late, `round ${round}`);
    const [{ after }] = await statesOf(scripted, neuron, [round - 1]);
    assert.equal(workerStateRoot(scripted.run.specs, workerState), after, `round ${round}`);
  }
});

test("MinerService, a run without overlap: begins nothing ahead", async (t) => {
  for (const overlap of [undefined, 0] as const) {
    const { miner } = await bench(t, overlap);
    assert.equal(await miner.until(5), undefined);
    assert.deepEqual([miner.begun, miner.lates.filter((late) => late !== undefined)], [[], []]);
  }
});

test("MinerService, a run that overlaps, a round lost or a restart: late steps follow from what the chain shows", async (t) => {
  const scripted = await bench(t, 1);
  const { chain, miner, take } = scripted;
  chain.answer = (call) => {
    const round = Number(call.args[0]);
    if (round === 4) throw new ContractRevert("commitUpdate", "WrongPhase", {}, false, undefined);
    take(call);
    if (round === 6 && call.action === "revealUpdate") throw new FatalError("CRASH", "after the reveal");
  };
  assert.equal((await miner.until(8)) instanceof FatalError, true);
  assert.deepEqual(miner.offered, [0, 1, 2, 3, 4, 5, 6]);
  const from = miner.lates.slice(4).map((late) => late?.from.round);
  assert.deepEqual(from, [3, undefined, 5], "round 5 was begun from an update that is not on the chain");
  chain.answer = take;
  chain.mine(chain.time + 1);
  const again = await openMiner(scripted, scripted.neuron);
  assert.equal(await again.until(8), undefined);
  assert.deepEqual(
    again.lates.map((late) => [late?.round, late?.from.round]),
    [[7, 6]],
  );
  assert.deepEqual(again.lates[0]?.sent, miner.begun.at(-1)?.late.sent);
});
