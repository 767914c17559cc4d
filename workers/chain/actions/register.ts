import { encodeFunctionData, type LocalAccount, parseEventLogs } from "viem";
import { FatalError } from "../../protocol/errors.ts";
import type { NeuronId, Uid } from "../../protocol/quantities.ts";
import { metagraphAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { SigningRun } from "../run.ts";
import type { Sent } from "../sender.ts";
import { signConsent } from "./consent.ts";
import { deadlineIn } from "./deadline.ts";
import { withPermit } from "./withPermit.ts";

export interface Registration {
  /** Signs the consent; gets the neuron. */
  readonly hotkey: LocalAccount;
  /** Most wei to burn; when absent, room for three registrations that come before ours. */
  readonly maxBurn?: bigint;
}

export interface Registered extends Sent {
  readonly neuronId: NeuronId;
  readonly uid: Uid;
  /** Wei. */
  readonly burned: bigint;
}

/** The signer, as coldkey, registers a hotkey, burns the price and locks the collateral out of its tokens. @throws as `Sender.send` */
export async function register(
  run: SigningRun,
  registration: Registration,
  signal: AbortSignal,
): Promise<Registered> {
  const { hotkey } = registration;
  const { metagraph } = run.addresses;
  const deadline = await deadlineIn(run, signal);
  const maxBurn = registration.maxBurn ?? (await priceWithRoom(run, signal));
  const consent = await signConsent(run, hotkey, deadline);
  const args = [hotkey.address, maxBurn, deadline, consent] as const;
  const call = encodeFunctionData({ abi: metagraphAbi, functionName: "register", args });
  const value = maxBurn + (await readCollateral(run, signal));
  const data = await withPermit(run, { spender: metagraph, value, deadline, call }, signal);
  const sent = await run.sender.send({ action: "register", to: metagraph, data }, signal);
  const [event] = parseEventLogs({ abi: metagraphAbi, eventName: "Registered", logs: sent.logs });
  if (event === undefined) throw new FatalError("EVENT_MISSING", "the registration left no event");
  const { neuronId, uid, burned } = event.args;
  return { ...sent, neuronId, uid: Number(uid), burned };
}

/** Wei that a newcomer locks beside what it burns. */
async function readCollateral(run: SigningRun, signal: AbortSignal): Promise<bigint> {
  const { collateral } = await callRpc("read the metagraph's parameters", signal, () =>
    run.publicClient.readContract({
      address: run.addresses.metagraph,
      abi: metagraphAbi,
      functionName: "parameters",
    }),
  );
  return collateral;
}

/** The price rises by a factor of 1.26 with each registration: twice the price covers three. */
async function priceWithRoom(run: SigningRun, signal: AbortSignal): Promise<bigint> {
  const price = await callRpc("read the burn price", signal, () =>
    run.publicClient.readContract({
      address: run.addresses.metagraph,
      abi: metagraphAbi,
      functionName: "burnPrice",
    }),
  );
  return 2n * price;
}
