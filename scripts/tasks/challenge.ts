import {
  expireChallenge,
  openChallenge,
  readBond,
  readChallenge,
} from "../../workers/chain/actions/challenge.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import type { Run } from "../../workers/node/run.ts";
import { showSlice } from "../../workers/node/showSlice.ts";
import { SLICE_BYTES } from "../../workers/protocol/dataRoot.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { NeuronId, Round } from "../../workers/protocol/quantities.ts";
import type { RevealedUpdate } from "../../workers/protocol/roundHistory.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { parseCount } from "./amounts.ts";
import { ensureFunds } from "./funds.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { readEvents, type StoreArguments } from "./readEvents.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface ChallengeArguments extends NeuronArguments, StoreArguments {
  /** Of which round the update is. */
  readonly round?: string;
  /** Slice of 1 KiB to ask for; the first unless given. */
  readonly slice?: string;
  /** Show the slice that is asked for, from the content store. */
  readonly answer: boolean;
  /** End a challenge that nobody answered in time. */
  readonly expire: boolean;
}

/** What a challenge is about. */
interface Subject {
  readonly contracts: RunContracts;
  readonly neuronId: NeuronId;
  readonly round: Round;
}

const CHALLENGE_GAS = 400_000n;

/**
 * Asks a miner for a slice of an update that nobody serves; answers such a challenge from the content store; or ends one
 * that was not answered in time, which slashes the miner.
 * @throws FatalError ROUND_MISSING, NUMBER_INVALID, OPTIONS_CONFLICT, NOT_REVEALED, SLICE_OUT_OF_BOUNDS, NO_CHALLENGE,
 * INSUFFICIENT_TOKENS; ContractRevert AlreadyOpen, AlreadySlashed, NotRevealed, TooEarly, TooLate; as `readEvents`
 */
export async function challengeVerb(args: ChallengeArguments, context: VerbContext): Promise<Outcome> {
  if (args.answer && args.expire) {
    throw new FatalError("OPTIONS_CONFLICT", "--answer and --expire are both given", {
      hint: "Give one of them.",
    });
  }
  if (args.round === undefined) {
    throw new FatalError("ROUND_MISSING", "it is not said which round the update is of", {
      hint: "Give --round.",
    });
  }
  const round = Number(parseCount("--round", args.round));
  const contracts = await openRun(args, context);
  const neuronId = await neuronOf(contracts, args, context.signal);
  const subject = { contracts, neuronId, round };
  if (args.expire) return expire(args, context, subject);
  return args.answer ? answer(args, context, subject) : open(args, context, subject);
}

async function open(args: ChallengeArguments, context: VerbContext, subject: Subject): Promise<Outcome> {
  const { contracts, neuronId, round } = subject;
  const { signal } = context;
  const { reveal } = await readReveal(args, context, subject);
  const slices = Math.ceil(reveal.size / SLICE_BYTES);
  const index = Number(parseCount("--slice", args.slice ?? "0"));
  if (index >= slices) {
    throw new FatalError("SLICE_OUT_OF_BOUNDS", `the update has ${slices} slices`, {
      data: { index, slices },
      hint: `Give --slice from 0 to ${slices - 1}.`,
    });
  }
  const coldkey = await coldkeyOf(args, context, "refuse");
  const bond = await readBond(contracts, signal);
  const needs = { role: "coldkey", account: coldkey.address, gas: CHALLENGE_GAS, tokens: bond };
  await ensureFunds(contracts, needs, context);
  const does = `put up ${amount(bond, "WEFT")} and ask neuron ${neuronId} for slice ${index} of its update of round ${round}; if it answers, the bond is its`;
  const signing = actAs(contracts, coldkey, context, { does, irreversible: true });
  const sent = await openChallenge(signing, reveal, index, signal);
  const until = new Date(sent.deadline * 1000).toISOString();
  return {
    lines: [
      `asked neuron ${neuronId} for slice ${index} of ${slices} of round ${round}, bond ${amount(sent.bond, "WEFT")}, gas ${count(sent.gasUsed)}`,
      `  it has until ${until} to answer; then: npx hardhat challenge --neuron ${neuronId} --round ${round} --expire`,
    ],
    json: {
      neuronId: String(neuronId),
      round,
      slice: index,
      bond: weftJson(sent.bond),
      deadline: sent.deadline,
      ...transactionJson(sent),
    },
  };
}

async function answer(args: ChallengeArguments, context: VerbContext, subject: Subject): Promise<Outcome> {
  const { contracts, neuronId, round } = subject;
  const { signal } = context;
  const { index, bond } = await pendingOf(subject, signal);
  const { run, reveal } = await readReveal(args, context, subject);
  const does = `show slice ${index} of neuron ${neuronId}'s update of round ${round}; the bond goes to its coldkey`;
  const signing = actAs(contracts, await coldkeyOf(args, context, "refuse"), context, { does });
  const sent = await showSlice(signing, run, reveal, index, signal);
  return {
    lines: [
      `answered for neuron ${neuronId} with slice ${index} of round ${round}: its coldkey gets ${amount(bond, "WEFT")}, gas ${count(sent.gasUsed)}`,
    ],
    json: { neuronId: String(neuronId), round, slice: index, bond: weftJson(bond), ...transactionJson(sent) },
  };
}

async function expire(args: ChallengeArguments, context: VerbContext, subject: Subject): Promise<Outcome> {
  const { contracts, neuronId, round } = subject;
  const { signal } = context;
  const { challenger, bond } = await pendingOf(subject, signal);
  const does = `end the challenge of neuron ${neuronId}'s update of round ${round}, for which it is slashed`;
  const signing = actAs(contracts, await coldkeyOf(args, context, "refuse"), context, { does });
  const sent = await expireChallenge(signing, neuronId, round, signal);
  return {
    lines: [
      `neuron ${neuronId} did not show its update of round ${round} and is slashed, gas ${count(sent.gasUsed)}`,
      `  the bond of ${amount(bond, "WEFT")} went back to ${challenger}, with the reporter's share`,
    ],
    json: { neuronId: String(neuronId), round, challenger, bond: weftJson(bond), ...transactionJson(sent) },
  };
}

async function pendingOf({ contracts, neuronId, round }: Subject, signal: AbortSignal) {
  const challenge = await readChallenge(contracts, neuronId, round, signal);
  if (challenge !== undefined) return challenge;
  throw new FatalError(
    "NO_CHALLENGE",
    `no challenge of neuron ${neuronId}'s update of round ${round} is open`,
    {
      data: { neuronId, round },
      hint: "It was answered, has ended, or was never opened.",
    },
  );
}

/** The update that a challenge is about, and the run that it is read from. */
async function readReveal(
  args: ChallengeArguments,
  context: VerbContext,
  { contracts, neuronId, round }: Subject,
): Promise<{ readonly run: Run; readonly reveal: RevealedUpdate }> {
  const { run, follower } = await readEvents(contracts, args, context);
  const reveal = follower.history.rounds.reveal(round, neuronId);
  if (reveal !== undefined) return { run, reveal };
  throw new FatalError("NOT_REVEALED", `neuron ${neuronId} revealed no update in round ${round}`, {
    data: { neuronId, round },
    hint: "An update that was committed and not revealed is slashed without a challenge.",
  });
}

export default verbAction(challengeVerb);
