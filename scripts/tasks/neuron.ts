import { readNeuron } from "../../workers/chain/actions/readNeuron.ts";
import { metagraphAbi } from "../../workers/chain/generated/abi.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";
import { parseCount } from "./amounts.ts";
import { hotkeyAddress, type IdentityArguments } from "./keys.ts";

/** Options that say whose pool or earnings are meant. */
export interface NeuronArguments extends IdentityArguments {
  readonly neuron?: string;
  readonly uid?: string;
}

/**
 * The neuron of `--neuron` or `--uid`, else the one that `--as`'s hotkey serves.
 * @throws FatalError OPTIONS_CONFLICT, NUMBER_INVALID, UNKNOWN_NEURON, UNKNOWN_UID, NOT_REGISTERED; as `hotkeyAddress`
 */
export async function neuronOf(
  run: RunContracts,
  args: NeuronArguments,
  signal: AbortSignal,
): Promise<NeuronId> {
  const { neuron, uid } = args;
  if (neuron !== undefined && uid !== undefined) {
    throw new FatalError("OPTIONS_CONFLICT", "--neuron and --uid are both given", {
      hint: "Give one of them.",
    });
  }
  if (neuron !== undefined) return knownNeuron(run, parseCount("--neuron", neuron), signal);
  if (uid !== undefined) return neuronAt(run, parseCount("--uid", uid), signal);
  return (await readNeuron(run, await hotkeyAddress(args), signal)).neuronId;
}

async function knownNeuron(run: RunContracts, neuronId: NeuronId, signal: AbortSignal): Promise<NeuronId> {
  const metagraph = { address: run.addresses.metagraph, abi: metagraphAbi } as const;
  const neuronCount = await callRpc("count the neurons", signal, () =>
    run.publicClient.readContract({ ...metagraph, functionName: "neuronCount" }),
  );
  if (neuronId > 0n && neuronId <= neuronCount) return neuronId;
  throw new FatalError("UNKNOWN_NEURON", `there is no neuron ${neuronId}`, {
    data: { neuronId, neuronCount },
    hint: `${neuronCount} have registered, counted from 1. See who is active with: npx hardhat metagraph.`,
  });
}

async function neuronAt(run: RunContracts, uid: bigint, signal: AbortSignal): Promise<NeuronId> {
  const metagraph = { address: run.addresses.metagraph, abi: metagraphAbi } as const;
  const [neuronId, uidCount] = await callRpc("read the uid's neuron", signal, () =>
    Promise.all([
      run.publicClient.readContract({ ...metagraph, functionName: "neuronAt", args: [uid] }),
      run.publicClient.readContract({ ...metagraph, functionName: "uidCount" }),
    ]),
  );
  if (neuronId > 0n) return neuronId;
  throw new FatalError("UNKNOWN_UID", `nobody holds uid ${uid}`, {
    data: { uid, uidCount },
    hint: `${uidCount} uids are held, counted from 0. See them with: npx hardhat metagraph.`,
  });
}
