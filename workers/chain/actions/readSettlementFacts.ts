import { getAbiItem, parseEventLogs } from "viem";
import type { SettlementFacts } from "../../protocol/payReceipt.ts";
import { emissionAbi, epochEngineAbi, metagraphAbi, weftTokenAbi } from "../generated/abi.ts";
import { LogReader } from "../logReader.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts } from "../run.ts";

/** Parameters that were set in a range of blocks, in chain order. */
export type SetParameters = Pick<SettlementFacts, "splits" | "consensus">;

/** What epochs were settled and paid by, and what was issued at block `head`. @throws RetryableError as `rpcError` */
export async function readSettlementFacts(
  run: RunContracts,
  head: bigint,
  signal: AbortSignal,
): Promise<SettlementFacts> {
  const issuance = await readIssuance(run, head, signal);
  return { ...issuance, ...(await readSetParameters(run, run.deployBlock, head, signal)) };
}

/** The rules of the emission and what was issued at block `head`. @throws RetryableError as `rpcError` */
export async function readIssuance(
  run: RunContracts,
  head: bigint,
  signal: AbortSignal,
): Promise<Pick<SettlementFacts, "rules" | "issued">> {
  const { publicClient, addresses } = run;
  const emission = { address: addresses.emission, abi: emissionAbi, blockNumber: head } as const;
  const token = { address: addresses.token, abi: weftTokenAbi, blockNumber: head } as const;
  const metagraph = { address: addresses.metagraph, abi: metagraphAbi, blockNumber: head } as const;
  const [parameters, endsAt, cap, issued, firstPermitEpoch] = await callRpc("read the emission", signal, () =>
    Promise.all([
      publicClient.readContract({ ...emission, functionName: "parameters" }),
      publicClient.readContract({ ...emission, functionName: "endsAt" }),
      publicClient.readContract({ ...token, functionName: "MAX_SUPPLY" }),
      publicClient.readContract({ ...token, functionName: "issued" }),
      publicClient.readContract({ ...metagraph, functionName: "firstPermitEpoch" }),
    ]),
  );
  return { rules: { cap, baseRate: parameters.baseRate, firstPermitEpoch, endsAt }, issued };
}

/** Settlements stand beside them in the logs, and are a hundred times as large. */
const wanted = [emissionAbi, epochEngineAbi].map((abi) => getAbiItem({ abi, name: "ParametersSet" }));

/** Parameters of emission and consensus set in blocks `from` to `to`. @throws RetryableError as `rpcError` */
export async function readSetParameters(
  run: RunContracts,
  from: bigint,
  to: bigint,
  signal: AbortSignal,
): Promise<SetParameters> {
  const { emission, epochEngine } = run.addresses;
  const splits: SettlementFacts["splits"][number][] = [];
  const consensus: SettlementFacts["consensus"][number][] = [];
  const reader = new LogReader(run.publicClient, [emission, epochEngine], undefined, wanted);
  for await (const logs of reader.read(from, to, signal)) {
    for (const log of parseEventLogs({ abi: emissionAbi, eventName: "ParametersSet", logs })) {
      const { blockNumber, logIndex, args } = log;
      const { minerBps, validatorBps, treasuryBps } = args.parameters;
      const fromEpoch = Number(args.fromEpoch);
      splits.push({ fromEpoch, minerBps, validatorBps, treasuryBps, blockNumber, logIndex });
    }
    for (const log of parseEventLogs({ abi: epochEngineAbi, eventName: "ParametersSet", logs })) {
      const { blockNumber, logIndex, args } = log;
      const { kappaU16, bondsMovingAverageMillionths, bondsPenalty } = args.parameters;
      consensus.push({
        fromEpoch: Number(args.fromEpoch),
        kappaU16: Number(kappaU16),
        bondsMovingAverageMillionths: Number(bondsMovingAverageMillionths),
        bondsPenalty: bondsPenalty ? 1 : 0,
        blockNumber,
        logIndex,
      });
    }
  }
  return { splits, consensus };
}
