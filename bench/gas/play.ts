/**
 * Plays a run and returns the receipts' gas of what its participants do. One transaction per block on a chain of the
 * bench's own; "steady" actions come after others of their kind, so that the slots they write are there.
 */
import { concat, type Hex, keccak256, toHex } from "viem";
import { newStorageSlots } from "../../scripts/localnet/gas.ts";
import type { Connection } from "../../test/support/deployedRun.ts";
import { type PlayedRun, type Player, playRun, WEFT } from "../../test/support/playedRun.ts";
import {
  checkpointMessage,
  checkpointTypedData,
  compactSignature,
} from "../../workers/protocol/checkpoint.ts";
import { updateCommitment } from "../../workers/protocol/commitment.ts";
import { dataRoot, SLICE_BYTES, sliceProof } from "../../workers/protocol/dataRoot.ts";

export interface ActionGas {
  readonly name: string;
  readonly gas: number;
  /** Storage slots that were zero before and are not after. */
  readonly newSlots: number;
}

export interface Size {
  readonly validators: number;
  readonly uids: number;
}

const never = 2n ** 63n;
const epochs = 3;

/** Settlements and weights of a metagraph of that size, every weight given, and all other actions beside. */
export async function play(
  connection: Connection,
  size: Size,
  log: (line: string) => void,
): Promise<ActionGas[]> {
  const { validators, uids } = size;
  const limits = {
    maxUids: uids,
    maxValidators: validators,
    maxRegistrationsPerEpoch: uids,
    minNonImmune: 1,
  };
  const burn = { initialBurn: WEFT, minBurn: WEFT, maxBurn: WEFT };
  const run = await playRun(connection, { ...limits, ...burn, quorumBps: 1 });
  const [, coldkey, ...others] = run.accounts;
  if (coldkey === undefined) throw new Error("too few accounts");
  const actions: ActionGas[] = [];
  const note = async (name: string) => {
    const last = run.sent.at(-1);
    if (last === undefined) throw new Error(`${name} sent nothing`);
    const transaction = { ...last, blockNumber: 0n, timestamp: 0 };
    actions.push({ name, gas: last.gasUsed, newSlots: await newStorageSlots(run.client, [transaction]) });
    log(`${name}: ${last.gasUsed.toLocaleString("en")}`);
  };
  const neurons: Player[] = [];
  for (const hotkey of others.slice(0, uids)) neurons.push(await run.register(coldkey, hotkey));
  await note("register");
  const permitted = neurons.slice(0, validators);
  for (const [index, { neuronId }] of permitted.entries()) {
    await run.stake(coldkey, neuronId, 10n * WEFT + BigInt(index) * (WEFT / 10n));
  }
  const delegator = others[uids];
  const [first] = permitted;
  const [miner, honest] = [neurons.at(-1), neurons.at(-2)];
  if (delegator === undefined || first === undefined) throw new Error("too few accounts");
  if (miner === undefined || honest === undefined) throw new Error("too few uids");
  await run.act(delegator, "token", "approve", [run.run.stakeManager, 2n ** 256n - 1n]);
  for (const name of ["stake, first", "stake, again"]) {
    await run.act(delegator, "stakeManager", "stake", [first.neuronId, WEFT, 0n, never]);
    await note(name);
  }
  for (const neuron of permitted) await run.claimPermit(neuron);
  await note("claim a permit");
  // Epoch e's weights are given in the rounds of epoch e + 1, in their commit phases.
  for (let epoch = 0; epoch < epochs; epoch++) {
    const last = epoch === epochs - 1;
    const rows = permitted.map((_, i) =>
      neurons.map((_, j) => 1 + ((i * 7919 + j * 104_729 + epoch * 31) % 65_535)),
    );
    const firstRound = 3 * (epoch + 1);
    await run.goTo(firstRound, 0);
    for (const [i, neuron] of permitted.entries()) await run.commitWeights(neuron, epoch, rows[i] ?? []);
    if (last) await note(`commit ${uids} weights`);
    await run.goTo(firstRound + 1, 0);
    for (const [i, neuron] of permitted.entries()) await run.revealWeights(neuron, epoch, rows[i] ?? []);
    if (last) await note(`reveal ${uids} weights`);
    await run.goTo(firstRound + 2, 0);
    await run.settleEpoch(first.hotkey, await run.prepare(epoch));
    if (last) await note(`settle ${validators} x ${uids}`);
    await run.claim(delegator, miner.neuronId);
  }
  await note("claim, steady");
  await updates(run, [honest, first], note);
  await checkpoint(run, permitted, delegator);
  await note(`checkpoint with ${validators} signatures`);
  await run.stake(coldkey, miner.neuronId, 10n * WEFT);
  await faults(run, [miner, honest], delegator, note);
  await run.act(delegator, "stakeManager", "unstake", [first.neuronId, 10n ** 23n, 0n, never]);
  await note("unstake");
  return actions;
}

/** Rounds of one update and one attestation, of which the last one writes where the first one wrote. */
async function updates(
  run: PlayedRun,
  [miner, validator]: readonly [Player, Player],
  note: (name: string) => Promise<void>,
): Promise<void> {
  const start = 3 * (epochs + 1) + 3;
  for (const [time, round] of [start, start + 4].entries()) {
    const steady = time === 1;
    await run.goTo(round, 300);
    await run.commitUpdate(miner, round);
    if (steady) await note("commit an update");
    await run.goTo(round, 600);
    await run.revealUpdate(miner, round);
    if (steady) await note("reveal an update");
    await run.goTo(round, 800);
    await run.attest(validator, round, 2n ** 255n - 1n);
    if (steady) await note("attest availability of a round");
  }
}

/** One checkpoint before, so that the one measured overwrites; the signatures are read until two thirds are there. */
async function checkpoint(run: PlayedRun, signers: readonly Player[], sender: Hex): Promise<void> {
  const identity = { chainId: await run.client.getChainId(), ledger: run.run.checkpointLedger };
  for (const round of [1, 2]) {
    const made = {
      round,
      stateRoot: keccak256(toHex(BigInt(round))),
      contentDigest: keccak256("0x"),
      contentSize: 1,
    };
    const signatures: Hex[] = [];
    // Stakes grow with the uid, and signatures of the largest stakes are given first.
    for (const { hotkey } of [...signers].reverse()) {
      const signature = await run.wallet(hotkey).signTypedData(checkpointTypedData(identity, made));
      signatures.push(compactSignature(signature));
    }
    await run.act(sender, "checkpointLedger", "submit", [checkpointMessage(made), concat(signatures), []]);
  }
}

/** Unrevealed updates of one miner, the second of which is measured, while another reveals and is challenged. */
async function faults(
  run: PlayedRun,
  [silent, honest]: readonly [Player, Player],
  reporter: Hex,
  note: (name: string) => Promise<void>,
): Promise<void> {
  const content = new Uint8Array(500 * SLICE_BYTES).map((_, i) => 1 + ((i * 31 + (i >> 7)) % 255));
  const { slice, proof } = sliceProof(content, 321);
  const update = { digest: keccak256("0x01"), size: content.length, dataRoot: dataRoot(content) };
  const named = [update.digest, BigInt(update.size), update.dataRoot] as const;
  const salt = keccak256("0x5a17");
  const identity = { chainId: await run.client.getChainId(), ledger: run.run.updateLedger };
  await run.act(reporter, "token", "approve", [run.run.challenge, 2n ** 256n - 1n]);
  const start = 3 * (epochs + 1) + 12;
  for (const [time, round] of [start, start + 4].entries()) {
    const steady = time === 1;
    await run.goTo(round, 1);
    await run.commitUpdate(silent, round);
    const commitment = updateCommitment({ ...identity, neuronId: honest.neuronId, round }, update, salt);
    await run.act(honest.hotkey, "updateLedger", "commitUpdate", [
      BigInt(round),
      update.digest,
      BigInt(update.size),
      commitment,
    ]);
    await run.goTo(round, 600);
    await run.act(honest.hotkey, "updateLedger", "revealUpdate", [BigInt(round), ...named, salt]);
    const opened = [honest.neuronId, honest.hotkey, BigInt(round), ...named, salt, 321n];
    await run.act(reporter, "challenge", "open", opened);
    if (steady) await note("open a challenge");
    await run.act(reporter, "challenge", "answer", [honest.neuronId, BigInt(round), toHex(slice), proof]);
    if (steady) await note("answer a 1 KiB challenge");
    await run.goTo(round, 900);
    await run.act(reporter, "updateLedger", "tally", [BigInt(round)]);
    if (steady) await note("tally a round");
    await run.act(reporter, "slashing", "slashUpdate", [silent.hotkey, BigInt(round)]);
    await note(steady ? "slash with proof" : "slash with proof, first");
  }
}
