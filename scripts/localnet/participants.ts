import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type Address,
  concat,
  createWalletClient,
  http,
  keccak256,
  type PrivateKeyAccount,
  parseEther,
  toBytes,
} from "viem";
import { claimPermit } from "../../workers/chain/actions/claimPermit.ts";
import { register } from "../../workers/chain/actions/register.ts";
import { stake } from "../../workers/chain/actions/stake.ts";
import { type RunContracts, signingRun } from "../../workers/chain/run.ts";
import type { NeuronId, Uid } from "../../workers/protocol/quantities.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { createKeyFile } from "../../workers/runtime/keys.ts";
import type { LocalnetOptions } from "./options.ts";

/** Somebody who takes part. Names say nothing about behaviour: they stand in folders that others can read. */
export interface Participant {
  readonly name: string;
  readonly role: "miner" | "validator" | "delegator";
  /** "honest", or the adversary's name. */
  readonly behaviour: string;
  readonly coldkey: PrivateKeyAccount;
  readonly hotkey: PrivateKeyAccount;
  readonly hotkeyFile: string;
  /** Wei staked at the start: on the own neuron, or on the first validator's (delegator). */
  readonly stake: bigint;
}

export interface RegisteredParticipant extends Participant {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
}

const minerStake = parseEther("10");
const firstValidatorStake = parseEther("600");
/** Each further validator stakes this share of the one before, so that stakes differ. */
const validatorStakePercent = 65n;
const delegatorStake = parseEther("150");
/** Beyond the stake: burn and room for play. */
const spareTokens = parseEther("1000");
const gasMoney = parseEther("10");
const mostBurn = parseEther("500");

/** What participants are made from. */
export type ParticipantsPlan = Pick<
  LocalnetOptions,
  "dir" | "seed" | "miners" | "validators" | "adversaries"
>;

/** Who takes part, keys derived from the seed and written as key files. Adversaries stand among the miners by lot. */
export async function createParticipants(options: ParticipantsPlan): Promise<Participant[]> {
  const honest = Array.from({ length: options.miners }, () => "honest");
  const behaviours = shuffled([...honest, ...options.adversaries], options.seed);
  const planned = [
    ...Array.from({ length: options.validators }, (_, index) => ({
      name: `validator-${index + 1}`,
      role: "validator" as const,
      behaviour: "honest",
      stake: (firstValidatorStake * validatorStakePercent ** BigInt(index)) / 100n ** BigInt(index),
    })),
    ...behaviours.map((behaviour, index) => ({
      name: `miner-${index + 1}`,
      role: "miner" as const,
      behaviour,
      stake: minerStake,
    })),
    { name: "delegator-1", role: "delegator" as const, behaviour: "honest", stake: delegatorStake },
  ];
  const participants: Participant[] = [];
  for (const plan of planned) {
    const hotkeyFile = join(options.dir, "keys", `${plan.name}-hotkey.json`);
    const coldkeyFile = join(options.dir, "keys", `${plan.name}-coldkey.json`);
    const coldkey = await createKeyFile(coldkeyFile, derivedKey(options.seed, `${plan.name}-coldkey`));
    const hotkey = await createKeyFile(hotkeyFile, derivedKey(options.seed, `${plan.name}-hotkey`));
    participants.push({ ...plan, coldkey, hotkey, hotkeyFile });
  }
  return participants;
}

/** Wei of WEFT that every participant gets at genesis. */
export function allocationOf(participants: readonly Participant[]): Map<Address, bigint> {
  return new Map(participants.map(({ coldkey, stake: staked }) => [coldkey.address, staked + spareTokens]));
}

/** Gives every key coin for gas, from one of the node's own accounts. Needs no block of its own per transfer. */
export async function fundKeys(rpcUrl: string, participants: readonly Participant[]): Promise<void> {
  const wallet = createWalletClient({ transport: http(rpcUrl) });
  // Not the first account: that one deploys, and no transaction of its own may be open then.
  const [, donor] = await wallet.getAddresses();
  for (const { coldkey, hotkey } of participants) {
    for (const { address } of [coldkey, hotkey]) {
      await wallet.sendTransaction({ account: donor, to: address, value: gasMoney, chain: null });
    }
  }
}

/**
 * Registers and stakes. Miners and validators act at the same time, each with its own key; then the delegator stakes on
 * the first validator. `onRegistered` is called as soon as a neuron is ready to work.
 */
export async function joinAll(
  contracts: RunContracts,
  participants: readonly Participant[],
  clock: Clock,
  signal: AbortSignal,
  onRegistered: (participant: RegisteredParticipant) => void,
): Promise<RegisteredParticipant[]> {
  const neurons = participants.filter(({ role }) => role !== "delegator");
  const registered = await Promise.all(
    neurons.map(async (participant) => {
      const run = signingRun(contracts, participant.coldkey, { clock });
      const { neuronId, uid } = await register(
        run,
        { hotkey: participant.hotkey, maxBurn: mostBurn },
        signal,
      );
      await stake(run, neuronId, participant.stake, signal);
      if (participant.role === "validator") await claimPermit(run, uid, signal);
      const ready = { ...participant, neuronId, uid };
      onRegistered(ready);
      return ready;
    }),
  );
  const [first] = registered.filter(({ role }) => role === "validator");
  const delegators = participants.filter(({ role }) => role === "delegator");
  const delegated = await Promise.all(
    delegators.map(async (delegator) => {
      const run = signingRun(contracts, delegator.coldkey, { clock });
      await stake(run, first.neuronId, delegator.stake, signal);
      return { ...delegator, neuronId: first.neuronId, uid: first.uid };
    }),
  );
  return [...registered.sort((a, b) => a.uid - b.uid), ...delegated];
}

/** A key for the local chain alone: whoever knows the seed knows it. */
function derivedKey(seed: string, name: string): `0x${string}` {
  const key = keccak256(concat([toBytes("weft.localnet.key"), toBytes(seed), toBytes(`/${name}`)]));
  return key;
}

/** The same order for the same seed. */
function shuffled(items: readonly string[], seed: string): string[] {
  const lot = (index: number) => createHash("sha256").update(`${seed}/${index}`).digest("hex");
  return items
    .map((item, index) => ({ item, lot: lot(index) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .map(({ item }) => item);
}
