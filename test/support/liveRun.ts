import { setTimeout as pause } from "node:timers/promises";
import { network } from "hardhat";
import { serveRpc } from "../../lab/chain/rpcServer.ts";
import { deployContracts } from "../../scripts/deployment/deployContracts.ts";
import {
  allocationOf,
  createParticipants,
  fundKeys,
  joinAll,
  type RegisteredParticipant,
} from "../../scripts/localnet/participants.ts";
import { connectRun } from "../../workers/chain/connectRun.ts";
import { EventSource } from "../../workers/chain/eventSource.ts";
import { embeddedWorker, type WorkerOptions } from "../../workers/cli/workerOptions.ts";
import { RunFollower } from "../../workers/node/follower.ts";
import { openRun } from "../../workers/node/run.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import { canonicalManifest, manifestHash, type RunManifest } from "../../workers/protocol/manifest.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import { refFor } from "../../workers/storage/contentRef.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { indexSize } from "../../workers/training/workerState.ts";
import { auditAll, publishTinyRun } from "./tinyRun.ts";

/** Seconds of a round's phases, far longer than any step takes: a test jumps from one to the next. */
const jumped = { period: 1000, commitSeconds: 600, revealSeconds: 800, tempo: 3, genesisDelay: 10_000 };
const patienceMs = 60_000;

/** A chain whose time is that of the clock on the wall, with blocks as often as some chains have them. */
const wallClock = {
  network: "node",
  override: { mining: { auto: false, interval: 250 }, allowBlocksWithSameTimestamp: true },
};

export interface LiveRunOptions {
  readonly dir: string;
  readonly miners: number;
  readonly validators: number;
  readonly adversaries: readonly string[];
  readonly overlap?: RunManifest["overlap"];
  readonly signal: AbortSignal;
  /** Rounds in real time, seconds, and how many from the deployment to the first; without them a test moves the time. */
  readonly realTime?: typeof jumped;
}

/**
 * A run of the tiny model on an in-process chain behind HTTP, its content in `dir/content`, everybody registered and
 * staked. Workers follow it as they would any other; chain time moves only by `goTo`, and a second per transaction, unless
 * it is real.
 */
export async function liveRun(options: LiveRunOptions) {
  const { dir, miners, validators, adversaries, overlap, signal, realTime } = options;
  const connection = await (realTime === undefined ? network.create() : network.create(wallClock));
  const { genesisDelay, ...timetable } = realTime ?? jumped;
  const { provider, networkHelpers, viem } = connection;
  const rpcUrl = await serveRpc(({ method, params }) => provider.request({ method, params: [...params] }));
  const store = await LocalStore.open(`${dir}/content`);
  const manifest =
    realTime === undefined
      ? await publishTinyRun(store, signal, auditAll, overlap)
      : hurried(await publishTinyRun(store, signal));
  const manifestRef = await store.put(canonicalManifest(manifest), { signal });
  const [bank] = await viem.getWalletClients();
  const participants = await createParticipants({ seed: "test", dir, miners, validators, adversaries });
  await fundKeys(rpcUrl, participants);
  const client = await viem.getPublicClient();
  const genesis = Number((await client.getBlock()).timestamp) + genesisDelay;
  const registry = await deployContracts(connection, {
    timetable: { genesis, ...timetable },
    run: { ...counts, manifest, manifestHash: manifestHash(manifest), manifestRef },
    allocation: allocationOf(participants).set(bank.account.address, 1n),
    parameters: "local",
    // Two rounds at most.
    overrides: { answerSeconds: Math.min(16, 2 * timetable.period) },
  });
  const contracts = await connectRun({ rpcUrl, registry, deployBlock: 0n, signal });
  const registered = await joinAll(contracts, participants, systemClock, signal, () => undefined);
  const events = new EventSource(contracts);
  const follower = new RunFollower({ contracts, events, clock: systemClock, log: silentLog });

  /** The next block stands `offset` seconds after the start of `round`; one is mined there. */
  const goTo = (round: number, offset: number) =>
    networkHelpers.time.increaseTo(genesis + round * timetable.period + offset);

  const run = await openRun(contracts, store, signal);

  return {
    contracts,
    rpcUrl,
    follower,
    participants: registered,
    run,
    genesis,
    goTo,
    mine: () => networkHelpers.mine(),
    /**
     * Goes there and lets `happen`; then another chain, longer by a block, takes all of it back. Gives the number of blocks
     * replaced.
     */
    async reorganise(round: number, offset: number, happen: () => Promise<void>): Promise<number> {
      const before = await client.getBlockNumber({ cacheTime: 0 });
      const snapshot = await provider.request({ method: "evm_snapshot", params: [] });
      await goTo(round, offset);
      await happen();
      const blocks = Number((await client.getBlockNumber({ cacheTime: 0 })) - before);
      await provider.request({ method: "evm_revert", params: [snapshot] });
      await goTo(round, offset + 1);
      await networkHelpers.mine(blocks);
      return blocks;
    },
    /** Waits until what the chain shows is as wanted. */
    async until(what: string, reached: () => boolean): Promise<void> {
      for (const end = performance.now() + patienceMs; ; await pause(50)) {
        signal.throwIfAborted();
        await follower.sync(signal);
        if (reached()) return;
        if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
      }
    },
    /** Waits until the worker states around a round's updates, all of which are audited, can be had: chain time jumps. */
    async workerStatesOf(round: number): Promise<void> {
      const reader = new UpdateReader(run, systemClock);
      const size = indexSize(run.specs);
      for (const reveal of follower.history.reveals(round)) {
        const { header } = await reader.read(reveal, signal);
        const after = refFor(header.stateAfter, size);
        for (
          const end = performance.now() + patienceMs;
          !(await store.has(after, { signal }));
          await pause(50)
        )
          if (performance.now() > end)
            throw new Error(`waited in vain: worker state of neuron ${reveal.neuronId} after ${round}`);
      }
    },
    /** Options with which a worker's command line would start it. */
    optionsOf: ({ name, hotkeyFile }: RegisteredParticipant): WorkerOptions => ({
      rpcUrl,
      registry,
      chainId: undefined,
      deployBlock: 0n,
      store: { folder: `${dir}/content`, ipfsApi: undefined, gateways: [] },
      hotkeyFile,
      folder: `${dir}/workers/${name}`,
      ...embeddedWorker,
    }),
  };
}

export type LiveRun = Awaited<ReturnType<typeof liveRun>>;

/** For rounds in real time: a checkpoint each epoch, and evaluations that take no time. */
function hurried({ scoring, ...manifest }: RunManifest): RunManifest {
  return { ...manifest, checkpointEpochs: 1, scoring: { ...scoring, randomSequences: 64 } };
}

/** What a deployment prints about its content; nothing depends on it. */
const counts = { trainingTokens: 0, heldOutTokens: 0, shards: 0, parameters: 0 };
