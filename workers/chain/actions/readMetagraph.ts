import type { Address } from "viem";
import { epochAt } from "../../protocol/clock.ts";
import type { Epoch, NeuronId, Uid } from "../../protocol/quantities.ts";
import { readBlock } from "../blocks.ts";
import { emissionAbi, metagraphAbi, stakeManagerAbi } from "../generated/abi.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts } from "../run.ts";

/** A held slot. Money in wei. */
export interface MetagraphRow {
  readonly uid: Uid;
  readonly neuronId: NeuronId;
  readonly hotkey: Address;
  readonly coldkey: Address;
  readonly registeredEpoch: Epoch;
  /** All stake in the neuron's pool. */
  readonly stake: bigint;
  /** May validate in the current epoch. */
  readonly permitted: boolean;
  /** Will validate from the next epoch on, as things stand. */
  readonly permittedNext: boolean;
  /** Share of the last settlement's incentive, 0 … 1. */
  readonly incentive: number;
  readonly earned: bigint;
  readonly claimed: bigint;
  /** The chain's coin that the hotkey has for gas. */
  readonly hotkeyCoin: bigint;
}

export interface MetagraphTable {
  readonly blockNumber: bigint;
  readonly epoch: Epoch;
  /** Wei that a registration burns now. */
  readonly burnPrice: bigint;
  readonly rows: readonly MetagraphRow[];
}

/** Every held slot at one block, ascending by uid. @throws RetryableError as `rpcError` */
export async function readMetagraph(run: RunContracts, signal: AbortSignal): Promise<MetagraphTable> {
  const { number: blockNumber, timestamp } = await readBlock(run.publicClient, "latest", signal);
  const epoch = epochAt(run.clock, timestamp);
  const metagraph = { address: run.addresses.metagraph, abi: metagraphAbi, blockNumber } as const;
  const client = run.publicClient;
  const permitsAt = (at: Epoch) =>
    client.readContract({ ...metagraph, functionName: "permitsAt", args: [BigInt(at)] });
  const [count, burnPrice, permits, permitsNext] = await callRpc("read the metagraph", signal, () =>
    Promise.all([
      client.readContract({ ...metagraph, functionName: "uidCount" }),
      client.readContract({ ...metagraph, functionName: "burnPrice" }),
      permitsAt(epoch),
      permitsAt(epoch + 1),
    ]),
  );
  const uids = Array.from({ length: Number(count) }, (_, uid) => uid);
  const rows = await callRpc("read the neurons", signal, () =>
    Promise.all(uids.map((uid) => readRow(run, uid, blockNumber, permits, permitsNext))),
  );
  return { blockNumber, epoch, burnPrice, rows };
}

async function readRow(
  run: RunContracts,
  uid: Uid,
  blockNumber: bigint,
  permits: bigint,
  permitsNext: bigint,
): Promise<MetagraphRow> {
  const client = run.publicClient;
  const metagraph = { address: run.addresses.metagraph, abi: metagraphAbi, blockNumber } as const;
  const pools = { address: run.addresses.stakeManager, abi: stakeManagerAbi, blockNumber } as const;
  const emission = { address: run.addresses.emission, abi: emissionAbi, blockNumber } as const;
  const neuronId = await client.readContract({ ...metagraph, functionName: "neuronAt", args: [BigInt(uid)] });
  const [[coldkey, hotkey, , registeredEpoch], incentive, stake, [earned, claimed]] = await Promise.all([
    client.readContract({ ...metagraph, functionName: "neuron", args: [neuronId] }),
    client.readContract({ ...metagraph, functionName: "incentiveOf", args: [BigInt(uid)] }),
    client.readContract({ ...pools, functionName: "poolAssets", args: [neuronId] }),
    client.readContract({ ...emission, functionName: "earned", args: [neuronId] }),
  ]);
  const has = (word: bigint) => ((word >> BigInt(uid)) & 1n) === 1n;
  return {
    uid,
    neuronId,
    hotkey,
    coldkey,
    registeredEpoch: Number(registeredEpoch),
    stake,
    permitted: has(permits),
    permittedNext: has(permitsNext),
    incentive: Number(incentive) / 65535,
    earned,
    claimed,
    hotkeyCoin: await client.getBalance({ address: hotkey, blockNumber }),
  };
}
