import type { network } from "hardhat";
import type { Abi, Hex } from "viem";
import Weft from "../../ignition/modules/Weft.ts";
import { type ModuleParameter, readParameters } from "../../ignition/readParameters.ts";
import {
  attestationLedgerAbi,
  availabilityChallengeAbi,
  checkpointLedgerAbi,
  collateralVaultAbi,
  directoryAbi,
  emissionAbi,
  epochEngineAbi,
  metagraphAbi,
  runRegistryAbi,
  slashingAbi,
  stakeManagerAbi,
  updateLedgerAbi,
  weftTokenAbi,
  weightLedgerAbi,
} from "../../workers/chain/generated/abi.ts";

/** A connection to a simulated chain of the test's own. */
export type Connection = Awaited<ReturnType<typeof network.create>>;

/** Addresses of every contract of a run. */
export interface DeployedRun {
  readonly token: Hex;
  readonly stakeManager: Hex;
  readonly metagraph: Hex;
  readonly updateLedger: Hex;
  readonly attestationLedger: Hex;
  readonly weightLedger: Hex;
  readonly epochEngine: Hex;
  readonly emission: Hex;
  readonly vault: Hex;
  readonly slashing: Hex;
  readonly challenge: Hex;
  readonly checkpointLedger: Hex;
  readonly directory: Hex;
  readonly runRegistry: Hex;
}

/** ABI per contract of a run. */
export const runAbis = {
  token: weftTokenAbi,
  stakeManager: stakeManagerAbi,
  metagraph: metagraphAbi,
  updateLedger: updateLedgerAbi,
  attestationLedger: attestationLedgerAbi,
  weightLedger: weightLedgerAbi,
  epochEngine: epochEngineAbi,
  emission: emissionAbi,
  vault: collateralVaultAbi,
  slashing: slashingAbi,
  challenge: availabilityChallengeAbi,
  checkpointLedger: checkpointLedgerAbi,
  directory: directoryAbi,
  runRegistry: runRegistryAbi,
} as const satisfies Record<keyof DeployedRun, Abi>;

/** Manifest that a deployed run of a test names. */
export const testManifest = {
  manifestHash: `0x${"11".repeat(32)}`,
  manifestDigest: `0x${"22".repeat(32)}`,
  manifestSize: 4321,
} as const;

/** Deploys a run with the local network's parameters. `allocation` is in wei per account. */
export async function deployRun(
  connection: Connection,
  genesis: number,
  allocation: ReadonlyMap<Hex, bigint>,
  overrides: Readonly<Record<string, ModuleParameter>> = {},
): Promise<DeployedRun> {
  const run = {
    genesis,
    genesisRecipients: [...allocation.keys()],
    genesisAmounts: [...allocation.values()],
    ...testManifest,
  };
  const parameters = await readParameters("local", run, overrides);
  const deployed: Record<keyof DeployedRun, { readonly address: Hex }> = await connection.ignition.deploy(
    Weft,
    {
      parameters,
    },
  );
  return {
    token: deployed.token.address,
    stakeManager: deployed.stakeManager.address,
    metagraph: deployed.metagraph.address,
    updateLedger: deployed.updateLedger.address,
    attestationLedger: deployed.attestationLedger.address,
    weightLedger: deployed.weightLedger.address,
    epochEngine: deployed.epochEngine.address,
    emission: deployed.emission.address,
    vault: deployed.vault.address,
    slashing: deployed.slashing.address,
    challenge: deployed.challenge.address,
    checkpointLedger: deployed.checkpointLedger.address,
    directory: deployed.directory.address,
    runRegistry: deployed.runRegistry.address,
  };
}
