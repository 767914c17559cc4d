import { join } from "node:path";
import type { Abi } from "viem";
import {
  attestationLedgerAbi,
  emissionAbi,
  epochEngineAbi,
  metagraphAbi,
  stakeManagerAbi,
  updateLedgerAbi,
  weftTokenAbi,
  weightLedgerAbi,
} from "../../workers/chain/generated/abi.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import type { TextTokenizer } from "../../workers/data/jsonTokenizer.ts";
import { loadWorkerState, savedRounds } from "../../workers/database/workerState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { writeModelFolder } from "../../workers/model/modelFolder.ts";
import { openTokenizer } from "../../workers/node/runTokenizer.ts";
import { rootOf } from "../../workers/node/stateContent.ts";
import { roundStart } from "../../workers/protocol/clock.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { Engine } from "../../workers/training/engine.ts";
import type { Children } from "./children.ts";
import { gasPerAction, newStorageSlots, runTransactions } from "./gas.ts";
import type { LocalNetwork } from "./network.ts";
import type { LocalnetOptions } from "./options.ts";
import { buildReport, type Report } from "./report.ts";
import type { Watched } from "./watch.ts";

export interface ConcludeOptions {
  readonly options: LocalnetOptions;
  readonly network: LocalNetwork;
  readonly watched: Watched;
  readonly children: Children;
  /** Milliseconds of the injected clock. */
  readonly startedAt: number;
  readonly setupSeconds: number;
  readonly clock: Clock;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Rounds at the end whose transactions are searched for new storage. */
const tracedRounds = 3;
const sampleTokens = 200;
const samplePrompt = "The ";
const sampleTemperature = 0.7;

/** Stops the workers, counts gas and storage, saves the model and lets it write; the chain must still run. */
export async function conclude(concluding: ConcludeOptions): Promise<Report> {
  const { options, network, watched, children, startedAt, clock, say, signal } = concluding;
  const { contracts, manifest, timing, workers, follower } = network;
  say("stopping the workers, counting gas and storage, saving the model …");
  await children.stop([...workers.values()]);
  const transactions = await runTransactions(
    contracts.publicClient,
    abisOf(contracts),
    contracts.deployBlock,
  );
  const end = roundStart(contracts.clock, options.rounds);
  const from = roundStart(contracts.clock, options.rounds - tracedRounds);
  const traced = transactions.filter(({ timestamp }) => timestamp >= from && timestamp < end);
  const slots = await newStorageSlots(contracts.publicClient, traced);

  const { theta, round } = await finalState(options, network);
  const modelPath = join(options.dir, "model");
  const losses = [...watched.observations.heldOutLoss].map(([rounds, loss]) => ({ rounds, loss }));
  const lineage = {
    run: manifest.name,
    manifestHash: contracts.manifest.hash,
    chainId: contracts.chainId,
    registry: contracts.addresses.registry,
    rounds: round,
    stateRoot: rootOf(parameterLayout(manifest.model), theta),
    datasetCid: manifest.dataset.cid,
    losses: losses.toSorted((a, b) => a.rounds - b.rounds),
  };
  const { text, files } = await openTokenizer(manifest, network.store, signal);
  await writeModelFolder(modelPath, manifest.model, theta, {
    lineage,
    signal,
    ...(files !== undefined && { tokenizer: files }),
  });
  const sample = await write(network, theta, text, files?.end.id, signal);
  return buildReport(
    {
      rounds: options.rounds,
      wallSeconds: (clock.now() - startedAt) / 1000,
      setupSeconds: concluding.setupSeconds,
      secondsToFirstReward:
        watched.firstRewardAt === undefined ? undefined : (watched.firstRewardAt - startedAt) / 1000,
      roundSeconds: timing.period,
      epochsSettled: follower.history.settlements.length,
      checkpoints: follower.history.checkpoints.map((checkpoint) => checkpoint.round),
      manifest,
      standings: watched.standings,
      gas: gasPerAction(transactions),
      newStorageSlotsPerRound: slots / tracedRounds,
      modelPath,
      sample,
    },
    watched.observations,
  );
}

/** θ after the last round, or the newest before it, as a validator saved it. */
async function finalState(
  { dir, rounds }: LocalnetOptions,
  { participants }: LocalNetwork,
): Promise<{ theta: Tensors; round: number }> {
  for (const { name } of participants.filter(({ role }) => role === "validator")) {
    const folder = join(dir, "workers", name, "model");
    for (const round of (await savedRounds(folder)).filter((saved) => saved <= rounds)) {
      const state = await loadWorkerState(folder, round);
      if (state?.groups.theta !== undefined) return { theta: state.groups.theta, round };
    }
  }
  throw new FatalError("NO_FINAL_STATE", "no validator saved a state of the model", {
    hint: "Look into the validators' logs.",
  });
}

async function write(
  { manifest }: LocalNetwork,
  theta: Tensors,
  text: TextTokenizer,
  end: number | undefined,
  signal: AbortSignal,
): Promise<string> {
  const engine = new Engine({ model: manifest.model, training: manifest.training });
  try {
    const settings = {
      length: sampleTokens,
      temperature: sampleTemperature,
      seed: 1,
      choices: text.vocabulary,
      end,
      signal,
    };
    const tokens = await engine.generate(theta, Int32Array.from(text.encode(samplePrompt)), settings);
    return text.decode([...tokens]);
  } finally {
    await engine.close();
  }
}

function abisOf({ addresses }: RunContracts): Map<string, Abi> {
  const abis: readonly (readonly [string, Abi])[] = [
    [addresses.token, weftTokenAbi],
    [addresses.stakeManager, stakeManagerAbi],
    [addresses.metagraph, metagraphAbi],
    [addresses.updateLedger, updateLedgerAbi],
    [addresses.attestationLedger, attestationLedgerAbi],
    [addresses.weightLedger, weightLedgerAbi],
    [addresses.epochEngine, epochEngineAbi],
    [addresses.emission, emissionAbi],
  ];
  return new Map(abis.map(([address, abi]) => [address.toLowerCase(), abi]));
}
