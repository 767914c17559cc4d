import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Hex, keccak256, toHex } from "viem";
import { adversaryPolicy } from "../../lab/adversaries/registry.ts";
import { EvaluationBook } from "../../workers/database/evaluationBook.ts";
import type { LossFunction } from "../../workers/evaluation/lossScore.ts";
import { TrainingPolicy } from "../../workers/miner/trainingPolicy.ts";
import type { Offer, RoundWork } from "../../workers/miner/updatePolicy.ts";
import { composeUpdate } from "../../workers/node/composeUpdate.ts";
import { lateStart } from "../../workers/node/lateStart.ts";
import { openDataset } from "../../workers/node/run.ts";
import { sealUpdate } from "../../workers/node/sealing.ts";
import { publishWorkerState } from "../../workers/node/workerStateContent.ts";
import type { AuditSettings, RunManifest } from "../../workers/protocol/manifest.ts";
import type { NeuronId, Round, Uid } from "../../workers/protocol/quantities.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { Engine } from "../../workers/training/engine.ts";
import { type WorkerState, workerStateRoot, zeroWorkerState } from "../../workers/training/workerState.ts";
import { Auditor } from "../../workers/validator/auditor.ts";
import { RoundEvaluator } from "../../workers/validator/roundEvaluator.ts";
import { never, SleepClock, scriptedRun } from "./scriptedRun.ts";

/** Who plays: neuron 1 validates. What each does is known to the test alone. */
const behaviours: ReadonlyMap<NeuronId, string> = new Map([
  [2n, "honest"],
  [3n, "copycat"],
  [4n, "honest"],
  [5n, "noise"],
  [6n, "honest"],
]);

/** Its alarms never ring. */
export const patientClock: Clock = {
  now: () => 0,
  wall: () => 0,
  sleep: (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};

/** Stands for the machine that everybody here computes on. */
export const machine = keccak256(toHex("machine"));

/** What a player does otherwise than its policy, in one round. */
export interface Tampering {
  /** Worker state that it works from instead of its own. What it publishes is its own. */
  readonly before?: (state: WorkerState) => WorkerState;
  readonly offer?: (work: RoundWork) => Promise<Offer | undefined>;
  /** Parent state that it names. */
  readonly parentRoot?: Hex;
  /** Machine that it says it has. */
  readonly machine?: Hex;
  /** Its worker states are not published. */
  readonly withhold?: true;
}

export type EvaluatedRun = Awaited<ReturnType<typeof evaluatedRun>>;

/** A scripted run in which real updates can be played and evaluated; neuron i holds `uids[i - 1]`, neuron 1 validates. */
export async function evaluatedRun(
  t: TestContext,
  uids: readonly Uid[] = [0, 1, 2, 3, 4, 5],
  audit?: AuditSettings,
  overlap?: RunManifest["overlap"],
) {
  const scripted = await scriptedRun(t, audit, overlap);
  const { chain, run, store, dir, node } = scripted;
  const neurons = uids.map((uid, index) => ({ neuronId: BigInt(index + 1), uid }));
  const registered = neurons
    .toSorted((a, b) => a.uid - b.uid)
    .map(({ neuronId, uid }) => chain.registerAs(neuronId, uid));
  const [validator, ...miners] = registered.toSorted((a, b) => Number(a.neuronId - b.neuronId));
  chain.permit([validator]);
  const { model, training } = run.manifest;
  const engine = new Engine({ model, training });
  t.after(() => engine.close());
  const dataset = await openDataset(run, never);
  const engineLosses: LossFunction = (theta, sequences, signal) =>
    engine.sequenceLosses(theta, sequences, { signal });
  const host = await node("players", new SleepClock());
  const players = miners.map((neuron) => {
    const { neuronId } = neuron;
    const behaviour = behaviours.get(neuronId) ?? "";
    const context = { run, neuronId, follower: host.follower, updates: host.updates };
    const policy =
      behaviour === "honest"
        ? new TrainingPolicy({ context, beacons: host.beacons, dataset, engine })
        : adversaryPolicy(behaviour)(context);
    return { neuron, policy, workerState: zeroWorkerState(run.specs) };
  });

  /** Everybody makes, commits and reveals an update; all are attested. Ends at the start of the next round. */
  async function play(round: Round, tampered?: ReadonlyMap<NeuronId, Tampering>): Promise<void> {
    chain.goTo(round, 0);
    const state = await host.states.at(round, never);
    for (const player of players) {
      const { neuron, policy, workerState: honest } = player;
      const tampering = tampered?.get(neuron.neuronId);
      const workerState = tampering?.before?.(honest) ?? honest;
      const { states, updates, follower } = host;
      const late = await lateStart(
        { run, states, updates, history: follower.history },
        neuron.neuronId,
        round,
        workerStateRoot(run.specs, workerState),
        never,
      );
      const work = { state, workerState, ...(late === undefined ? {} : { late }) };
      const offer = await (tampering?.offer ?? ((given) => policy.offer(given, never)))(work);
      if (offer === undefined) continue;
      const { bytes, after } = composeUpdate(
        run,
        neuron.neuronId,
        { round, root: tampering?.parentRoot ?? state.root },
        workerState,
        offer,
        tampering?.machine ?? machine,
      );
      player.workerState = after;
      if (audit !== undefined && tampering?.withhold !== true) {
        await publishWorkerState(store, run.specs, honest, never);
        await publishWorkerState(store, run.specs, after, never);
      }
      const salt = keccak256(toHex(`salt ${neuron.neuronId} ${round}`));
      const { encrypted, dataRoot } = sealUpdate(run, bytes, neuron.neuronId, round, salt);
      const { digest, size } = await store.put(encrypted, { signal: never });
      const content = { digest, size, dataRoot, salt };
      // A block of its own: what was read of the chain so far does not change.
      chain
        .mine(chain.time + 1)
        .commit(round, neuron, content)
        .reveal(round, neuron, content);
    }
    chain
      .goTo(round, 85)
      .attest(round, validator, 2n ** 6n - 1n)
      .goTo(round + 1, 0);
  }

  /** What audits on the machine of the players. */
  function auditorOf(parts: Awaited<ReturnType<typeof node>>): Auditor {
    return new Auditor({ ...parts, dataset, engine, machine, clock: patientClock });
  }

  /** A validator with a folder of its own; the same name opens the same book again. */
  async function evaluatorOf(name: string, losses: LossFunction = engineLosses) {
    const parts = await node(name, new SleepClock());
    const book = new EvaluationBook(join(dir, name, "evaluations.sqlite"));
    t.after(() => book.close());
    const auditor = auditorOf(parts);
    const common = { ...parts, validator: validator.neuronId, dataset };
    const evaluator = new RoundEvaluator({ ...common, book, losses, auditor });
    return { ...parts, book, evaluator };
  }

  return {
    ...scripted,
    validator,
    miners,
    dataset,
    engine,
    engineLosses,
    play,
    evaluatorOf,
    auditorOf,
    host,
  };
}
