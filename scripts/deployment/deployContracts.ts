import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Address } from "viem";
import Weft from "../../ignition/modules/Weft.ts";
import { type ModuleParameter, type NetworkName, readParameters } from "../../ignition/readParameters.ts";
import type { PublishedRun } from "./publishRun.ts";

/** Seconds; phases counted from the start of a round. */
export interface Timetable {
  /** Unix seconds at which round 0 starts. */
  readonly genesis: number;
  readonly period: number;
  readonly commitSeconds: number;
  readonly revealSeconds: number;
  readonly tempo: number;
}

export interface DeploymentOptions {
  readonly timetable: Timetable;
  readonly run: PublishedRun;
  /** Wei of WEFT per account at genesis. */
  readonly allocation: ReadonlyMap<Address, bigint>;
  /** Parameter file the rest comes from. */
  readonly parameters: NetworkName;
  readonly overrides?: Readonly<Record<string, ModuleParameter>>;
}

/** Deploys and wires every contract of a run over an open connection; returns the address of its `RunRegistry`. */
export async function deployContracts(
  connection: Awaited<ReturnType<HardhatRuntimeEnvironment["network"]["create"]>>,
  options: DeploymentOptions,
): Promise<Address> {
  const { timetable, run, allocation, overrides } = options;
  const { genesis, ...phases } = timetable;
  const own = {
    genesis,
    genesisRecipients: [...allocation.keys()],
    genesisAmounts: [...allocation.values()],
    manifestHash: run.manifestHash,
    manifestDigest: run.manifestRef.digest,
    manifestSize: run.manifestRef.size,
  };
  const parameters = await readParameters(options.parameters, own, { ...phases, ...overrides });
  const deployed: { readonly runRegistry: { readonly address: Address } } = await connection.ignition.deploy(
    Weft,
    {
      parameters,
    },
  );
  return deployed.runRegistry.address;
}
