import { join } from "node:path";
import { type LabChain, openLabChain } from "../../lab/chain/labChain.ts";
import { openLabHost } from "../../lab/training/labHost.ts";
import { LabMiner } from "../../lab/training/labMiner.ts";
import { publishLabRun } from "../../lab/training/labRun.ts";
import { VirtualClock } from "../../lab/training/virtualClock.ts";
import { createParticipants } from "../../scripts/localnet/participants.ts";
import { heavyTailedTensors } from "../../test/support/pseudoGradients.ts";
import { submitCheckpoint } from "../../workers/chain/actions/submitCheckpoint.ts";
import { type SigningRun, signingRun } from "../../workers/chain/run.ts";
import type { UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import { initialState } from "../../workers/model/initialState.ts";
import { parameterLayout } from "../../workers/model/layout.ts";
import { type ModelState, rootOf, stateContent } from "../../workers/node/stateContent.ts";
import { checkpointTypedData, compactSignature } from "../../workers/protocol/checkpoint.ts";
import { checkManifest, type RunManifest } from "../../workers/protocol/manifest.ts";
import type { Round } from "../../workers/protocol/quantities.ts";
import { parameterCount, type TensorSpec, type Tensors } from "../../workers/protocol/tensors.ts";
import { loadKeyFile } from "../../workers/runtime/keys.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { AttestDuty } from "../../workers/validator/attestDuty.ts";

export interface PublishedRun {
  readonly chain: LabChain;
  /** Folder that holds all of the run's content. */
  readonly content: string;
  readonly parameters: number;
  /** The state that a late joiner has to reach. */
  readonly last: ModelState;
  /** Attests the state of a round; from then on joiners start there. */
  attestCheckpoint(round: Round): Promise<void>;
  close(): Promise<void>;
}

export interface PublishedRunOptions {
  readonly dir: string;
  readonly rounds: number;
  readonly miners: number;
  /** States of these rounds can be attested. */
  readonly checkpoint: Round;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const layers = 5;
/** Different values that miners take turns in sending. */
const variety = 8;

/** Plays a run on the real contracts whose updates are invented: no one trains, all else is as in any run. */
export async function publishRun(options: PublishedRunOptions): Promise<PublishedRun> {
  const { dir, rounds, miners: count, checkpoint, signal, say } = options;
  const content = join(dir, "content");
  const store = await LocalStore.open(content);
  const manifest = await inventedManifest(store, rounds, signal);
  const clock = new VirtualClock();
  const everybody = await createParticipants({
    dir,
    seed: "join",
    miners: count,
    validators: 1,
    adversaries: [],
  });
  const people = everybody.filter(({ role }) => role !== "delegator");
  const chain = await openLabChain({ store, manifest, people, clock, signal });
  const host = await openLabHost(chain.contracts, store, join(dir, "host"), clock, signal);
  const { follower, states, run } = host;
  const players = await Promise.all(
    chain.participants.map(async (person) => ({
      ...person,
      signing: signingRun(chain.contracts, await loadKeyFile(person.hotkeyFile), { clock }),
    })),
  );
  const values = Array.from({ length: variety }, (_, seed) => heavyTailedTensors(run.specs, seed + 1, 0.3));
  const miners = players
    .filter(({ role }) => role === "miner")
    .map(({ neuronId, signing }, place) => {
      const conduct = { policy: inventedPolicy(values, place), compute: 0 };
      return new LabMiner(host, signing, neuronId, conduct, "join");
    });
  const [validator] = players.filter(({ role }) => role === "validator");
  const common = { ...host, log: silentLog, metrics: { record: () => undefined } };
  const duty = new AttestDuty({ ...common, signing: validator.signing, validator: validator.neuronId });
  const goTo = async (round: Round, offset: number) => {
    await chain.goTo(round, offset);
    await follower.sync(signal);
  };
  let attestable: ModelState | undefined;
  for (let round = 0; round < rounds; round++) {
    await goTo(round, 1);
    const state = await states.at(round, signal);
    if (round === checkpoint) attestable = state;
    for (const miner of miners) await miner.make(state, signal);
    await goTo(round, 601);
    for (const miner of miners) await miner.open(signal);
    await goTo(round, 801);
    await duty.attest(round, signal);
    if (round % 20 === 0) say(`round ${round} of ${rounds}`);
  }
  await goTo(rounds, 1);
  return {
    chain,
    content,
    parameters: parameterCount(run.specs),
    last: await states.at(rounds, signal),
    async attestCheckpoint(round) {
      if (attestable?.round !== round) throw new Error(`the state of round ${round} was not kept`);
      await attestState(store, validator.signing, attestable, signal);
    },
    close: () => host.engine.close(),
  };
}

/** The laboratory's run with a model of about a million parameters. */
async function inventedManifest(
  store: ContentStore,
  rounds: number,
  signal: AbortSignal,
): Promise<RunManifest> {
  const small = await publishLabRun(store, 1, rounds, signal);
  const model = { ...small.model, dim: 128, layers, heads: 4, kvHeads: 2, hidden: 384 };
  const specs: readonly TensorSpec[] = parameterLayout(model);
  const theta = initialState(model, 1);
  const { cid, size } = await store.put(stateContent(theta), { signal });
  return checkManifest({ ...small, model, genesisState: { cid, size, root: rootOf(specs, theta) } });
}

/** Sends one after another of the given values. */
function inventedPolicy(values: readonly Tensors[], place: number): UpdatePolicy {
  return {
    offer: async ({ state, workerState }) => ({
      values: values[(state.round + place * 3) % variety],
      moments: workerState.moments,
    }),
    close: async () => undefined,
  };
}

async function attestState(
  store: ContentStore,
  signing: SigningRun,
  { round, root, theta }: ModelState,
  signal: AbortSignal,
): Promise<void> {
  const { digest, size } = await store.put(stateContent(theta), { signal });
  const checkpoint = { round, stateRoot: root, contentDigest: digest, contentSize: size };
  const ledger = { chainId: signing.chainId, ledger: signing.addresses.checkpointLedger };
  const signature = await signing.sender.signer.signTypedData(checkpointTypedData(ledger, checkpoint));
  await submitCheckpoint(signing, checkpoint, compactSignature(signature), signal);
}
