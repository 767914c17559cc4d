import type { Address } from "viem";
import { FatalError } from "../../protocol/errors.ts";
import type { NeuronId, Uid } from "../../protocol/quantities.ts";
import { metagraphAbi } from "../generated/abi.ts";
import { hintFor } from "../revertHints.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts } from "../run.ts";

/**
 * The neuron that a hotkey serves, and its uid.
 * @throws FatalError NOT_REGISTERED; RetryableError as `rpcError`
 */
export async function readNeuron(
  run: RunContracts,
  hotkey: Address,
  signal: AbortSignal,
): Promise<{ readonly neuronId: NeuronId; readonly uid: Uid }> {
  const [neuronId, uid] = await callRpc("read the hotkey's neuron", signal, () =>
    run.publicClient.readContract({
      address: run.addresses.metagraph,
      abi: metagraphAbi,
      functionName: "neuronOf",
      args: [hotkey],
    }),
  );
  if (neuronId === 0n) {
    throw new FatalError("NOT_REGISTERED", `hotkey ${hotkey} is not registered in this run`, {
      data: { hotkey },
      hint: hintFor("NotRegistered", { hotkey }),
    });
  }
  return { neuronId, uid: Number(uid) };
}
