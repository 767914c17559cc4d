import { join } from "node:path";
import { createParticipants } from "../../scripts/localnet/participants.ts";
import { readConsensusParameters } from "../../workers/chain/actions/readConsensusParameters.ts";
import { settleEpoch } from "../../workers/chain/actions/settleEpoch.ts";
import { signingRun } from "../../workers/chain/run.ts";
import type { RoundEntry } from "../../workers/evaluation/evaluationLog.ts";
import type { LossFunction } from "../../workers/evaluation/lossScore.ts";
import type { Epoch, Round } from "../../workers/protocol/quantities.ts";
import { prepareSettlement } from "../../workers/protocol/settlement.ts";
import { loadKeyFile } from "../../workers/runtime/keys.ts";
import { openLabChain } from "../chain/labChain.ts";
import { drawsOf } from "../random.ts";
import { SharedOffer } from "./changedOffers.ts";
import { conductOf } from "./conducts.ts";
import { openLabHost } from "./labHost.ts";
import { LabMiner } from "./labMiner.ts";
import { publishLabRun } from "./labRun.ts";
import { LabStore, lossy } from "./labStore.ts";
import { LabValidator } from "./labValidator.ts";
import { VirtualClock } from "./virtualClock.ts";

export interface TrainingRunOptions {
  /** An empty folder. */
  readonly dir: string;
  readonly seed: number;
  readonly rounds: number;
  readonly validators: number;
  /** Behaviour of each miner. */
  readonly miners: readonly string[];
  /** Share of reads that each validator loses. */
  readonly loss: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** A miner of a run and what became of it. */
export interface PlayedMiner {
  readonly behaviour: string;
  readonly uid: number;
  readonly compute: number;
  /** Q32 incentive by settled epoch. */
  readonly incentives: readonly bigint[];
}

export interface PlayedTraining {
  readonly miners: readonly PlayedMiner[];
  /** Of every validator in every evaluated round. */
  readonly entries: readonly RoundEntry[];
  /** Nats per byte on text that nobody trains on, at the start of each round and at the end. */
  readonly heldOutLoss: readonly number[];
}

const tempo = 3;
const heldOutSequences = 128;

/** Plays a run of real training on the real contracts, phase by phase. */
export async function playTraining(options: TrainingRunOptions): Promise<PlayedTraining> {
  const { dir, seed, rounds, validators: count, miners: behaviours, loss, signal, say } = options;
  const clock = new VirtualClock();
  const store = new LabStore();
  const manifest = await publishLabRun(store, seed, rounds, signal);
  const everybody = await createParticipants({
    dir,
    seed: `lab ${seed}`,
    miners: 0,
    validators: count,
    adversaries: behaviours,
  });
  const people = everybody.filter(({ role }) => role !== "delegator");
  const chain = await openLabChain({ store, manifest, people, clock, signal });
  const host = await openLabHost(chain.contracts, store, dir, clock, signal);
  const { follower, states, engine, dataset } = host;
  const losses: LossFunction = (theta, sequences, aborted) =>
    engine.sequenceLosses(theta, sequences, { signal: aborted });

  const players = await Promise.all(
    chain.participants.map(async (person) => ({
      ...person,
      signing: signingRun(chain.contracts, await loadKeyFile(person.hotkeyFile), { clock }),
    })),
  );
  const shared = new SharedOffer();
  const places = new Map<string, number>();
  const miners = players
    .filter(({ role }) => role === "miner")
    .map(({ behaviour, neuronId, uid, signing }) => {
      const place = places.get(behaviour) ?? 0;
      places.set(behaviour, place + 1);
      const uids = behaviours.filter((other) => other === behaviour).length;
      const { run, updates } = host;
      const context = { run, neuronId, follower, updates };
      const conduct = conductOf(behaviour)({ ...host, context, neuronId, place, uids, shared });
      const miner = new LabMiner(host, signing, neuronId, conduct, `${seed}`);
      return { behaviour, uid, compute: conduct.compute, miner };
    });
  const validators = players
    .filter(({ role }) => role === "validator")
    .map(({ name, neuronId, signing }) => {
      const reads = loss === 0 ? store : lossy(store, loss, drawsOf(`loss/${seed}/${name}`));
      const folder = join(dir, "workers", name);
      return new LabValidator({ host, signing, neuronId, folder, store: reads, losses });
    });
  const [{ signing: settler }] = players;
  const entries: RoundEntry[] = [];
  const heldOut = await dataset.heldOutSequences(heldOutSequences, manifest.model.sequenceLength, signal);
  const heldOutLoss: number[] = [];

  const goTo = async (round: Round, offset: number) => {
    await chain.goTo(round, offset);
    await follower.sync(signal);
  };
  const evaluate = async (round: Round) => {
    for (const { miner } of miners) await miner.publishAudited(round, signal);
    for (const validator of validators) entries.push(await validator.evaluate(round, signal));
  };
  const settle = async (epoch: Epoch) => {
    await follower.sync(signal);
    const parameters = await readConsensusParameters(settler, epoch, signal);
    const prepared = prepareSettlement(follower.history, epoch, parameters);
    if (prepared !== undefined) await settleEpoch(settler, { epoch, witness: prepared.witness }, signal);
  };
  const measure = async (round: Round) => {
    const { theta } = await states.at(round, signal);
    const each = await losses(theta, heldOut, signal);
    heldOutLoss.push(each.reduce((sum, value) => sum + value, 0) / each.length);
  };

  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    const [epoch, position] = [Math.floor(round / tempo) - 1, round % tempo];
    await goTo(round, 1);
    if (epoch >= 0 && position === 1)
      for (const validator of validators) await validator.reveal(epoch, signal);
    if (round > 0) await evaluate(round - 1);
    if (epoch >= 0 && position === 0)
      for (const validator of validators) await validator.commit(epoch, signal);
    await measure(round);
    const state = await states.at(round, signal);
    for (const { miner } of miners) await miner.make(state, signal);
    await goTo(round, 601);
    for (const { miner } of miners) await miner.open(signal);
    await goTo(round, 801);
    for (const { miner } of miners) await miner.serve(signal);
    for (const validator of validators) await validator.attest(round, signal);
    if (epoch >= 0 && position === 2) await settle(epoch);
    say(`round ${round}: held-out loss ${heldOutLoss.at(-1)?.toFixed(3)}`);
  }
  await goTo(rounds, 1);
  await evaluate(rounds - 1);
  await measure(rounds);
  for (const validator of validators) validator.close();
  await engine.close();
  const { settlements } = follower.history;
  return {
    miners: miners.map(({ behaviour, uid, compute }) => ({
      behaviour,
      uid,
      compute,
      incentives: settlements.map(({ incentives }) => incentives[uid] ?? 0n),
    })),
    entries,
    heldOutLoss,
  };
}
