import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Address } from "viem";
import Weft from "../../ignition/modules/Weft.ts";
import { type ModuleParameter, type NetworkName, readParameters } from "../../ignition/readParameters.ts";
import type { PublishedRun } from "./publishRun.ts";

const deployments = fileURLToPath(new URL("../../ignition/deployments", import.meta.url));

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

/** A chain that forgets: what was deployed on it before says nothing about what is there now. */
export const localChainId = 31_337;

/**
 * Deploys and wires every contract of a run over an open connection; returns the address of its `RunRegistry`. The record
 * of a deployment stays under `ignition/deployments`, so that one that was interrupted resumes; on the local chain it is
 * dropped, since that chain starts anew each time.
 */
export async function deployContracts(
  connection: Awaited<ReturnType<HardhatRuntimeEnvironment["network"]["create"]>>,
  options: DeploymentOptions,
): Promise<Address> {
  const { timetable, run, allocation, overrides } = options;
  const chainId = await (await connection.viem.getPublicClient()).getChainId();
  const deploymentId = `local-${run.manifestHash.slice(2, 10)}-${timetable.genesis}`;
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
      ...(chainId === localChainId ? { deploymentId } : {}),
    },
  );
  if (chainId === localChainId) await rm(join(deployments, deploymentId), { recursive: true, force: true });
  return deployed.runRegistry.address;
}
