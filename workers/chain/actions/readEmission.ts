import { parseEventLogs } from "viem";
import type { EmissionFacts } from "../../protocol/payReceipt.ts";
import { emissionAbi, metagraphAbi, weftTokenAbi } from "../generated/abi.ts";
import { LogReader } from "../logReader.ts";
import { callRpc } from "../rpcErrors.ts";
import type { RunContracts } from "../run.ts";

/** What `Emission` pays by, and what was issued at block `head`. @throws RetryableError as `rpcError` */
export async function readEmission(
  run: RunContracts,
  head: bigint,
  signal: AbortSignal,
): Promise<EmissionFacts> {
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
  const splits: EmissionFacts["splits"][number][] = [];
  const reader = new LogReader(publicClient, [addresses.emission]);
  for await (const logs of reader.read(run.deployBlock, head, signal)) {
    for (const log of parseEventLogs({ abi: emissionAbi, eventName: "ParametersSet", logs })) {
      const { blockNumber, logIndex } = log;
      const { fromEpoch, parameters: set } = log.args;
      const { minerBps, validatorBps, treasuryBps } = set;
      splits.push({
        fromEpoch: Number(fromEpoch),
        minerBps,
        validatorBps,
        treasuryBps,
        blockNumber,
        logIndex,
      });
    }
  }
  return { rules: { cap, baseRate: parameters.baseRate, firstPermitEpoch, endsAt }, issued, splits };
}
