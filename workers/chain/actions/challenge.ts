import { encodeFunctionData, type Hex, parseEventLogs, toHex } from "viem";
import type { OpenChallenge } from "../../protocol/challengeHistory.ts";
import type { BlockTime, NeuronId, Round } from "../../protocol/quantities.ts";
import type { RevealedUpdate } from "../../protocol/roundHistory.ts";
import { availabilityChallengeAbi as abi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts, SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";
import { deadlineIn } from "./deadline.ts";
import { withPermit } from "./withPermit.ts";

const noChallenger = `0x${"00".repeat(20)}`;

/** The open challenge of an update; undefined where there is none. @throws RetryableError as `rpcError` */
export async function readChallenge(
  run: RunContracts,
  neuronId: NeuronId,
  round: Round,
  signal: AbortSignal,
): Promise<OpenChallenge | undefined> {
  const [challenger, index, deadline, bond] = await callRpc("read the challenge", signal, () =>
    run.publicClient.readContract({
      address: run.addresses.challenge,
      abi,
      functionName: "challengeOf",
      args: [neuronId, BigInt(round)],
    }),
  );
  if (challenger === noChallenger) return undefined;
  return { neuronId, round, challenger, index: Number(index), deadline: Number(deadline), bond };
}

/** Wei that a challenger puts up. @throws RetryableError as `rpcError` */
export async function readBond(run: RunContracts, signal: AbortSignal): Promise<bigint> {
  return (await readParameters(run, signal)).bond;
}

/** Seconds that a challenged neuron has for its answer. @throws RetryableError as `rpcError` */
export async function readAnswerSeconds(run: RunContracts, signal: AbortSignal): Promise<number> {
  return Number((await readParameters(run, signal)).answerSeconds);
}

function readParameters(run: RunContracts, signal: AbortSignal) {
  return callRpc("read the challenge's parameters", signal, () =>
    run.publicClient.readContract({ address: run.addresses.challenge, abi, functionName: "parameters" }),
  );
}

/** Asks for a slice of a revealed update, the bond out of the signer's tokens. @throws as `Sender.send` */
export async function openChallenge(
  run: SigningRun,
  reveal: RevealedUpdate,
  index: number,
  signal: AbortSignal,
): Promise<Sent & { readonly deadline: BlockTime; readonly bond: bigint }> {
  const { neuronId, hotkey, round, digest, size, dataRoot, salt } = reveal;
  const spender = run.addresses.challenge;
  const args = [
    neuronId,
    hotkey,
    BigInt(round),
    digest,
    BigInt(size),
    dataRoot,
    salt,
    BigInt(index),
  ] as const;
  const call = encodeFunctionData({ abi, functionName: "open", args });
  const [value, deadline] = [await readBond(run, signal), await deadlineIn(run, signal)];
  const data = await withPermit(run, { spender, value, deadline, call }, signal);
  const sent = await run.sender.send({ action: "open challenge", to: spender, data }, signal);
  const [event] = parseEventLogs({ abi, eventName: "ChallengeOpened", logs: sent.logs });
  return { ...sent, deadline: Number(event?.args.deadline ?? 0n), bond: event?.args.bond ?? 0n };
}

/** Shows the slice that is asked for; the bond goes to the neuron's coldkey. @throws as `Sender.send` */
export function answerChallenge(
  run: SigningRun,
  neuronId: NeuronId,
  round: Round,
  { slice, proof }: { readonly slice: Uint8Array; readonly proof: readonly Hex[] },
  signal: AbortSignal,
): Promise<Sent> {
  const args = [neuronId, BigInt(round), toHex(slice), proof] as const;
  const data = encodeFunctionData({ abi, functionName: "answer", args });
  return run.sender.send({ action: "answer challenge", to: run.addresses.challenge, data }, signal);
}

/** Ends a challenge that nobody answered in time: the neuron is slashed, the bond goes back. @throws as `Sender.send` */
export function expireChallenge(
  run: SigningRun,
  neuronId: NeuronId,
  round: Round,
  signal: AbortSignal,
): Promise<Sent> {
  const data = encodeFunctionData({ abi, functionName: "expire", args: [neuronId, BigInt(round)] });
  return run.sender.send({ action: "expire challenge", to: run.addresses.challenge, data }, signal);
}
