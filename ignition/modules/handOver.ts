import type { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { keccak256, toBytes, toFunctionSelector, zeroAddress, zeroHash } from "viem";
import { roles } from "../roles.ts";

type Builder = Parameters<Parameters<typeof buildModule>[1]>[0];
type Contract = Parameters<Builder["call"]>[0];

/** What the hand-over needs of a run's contracts. */
export interface GovernedContracts {
  readonly authority: Contract;
  readonly runRegistry: Contract;
  readonly metagraph: Contract;
  readonly stakeManager: Contract;
  readonly updateLedger: Contract;
  readonly weightLedger: Contract;
  readonly emission: Contract;
}

const PAUSES = ["pause(uint256)", "unpause()"];

/**
 * Deploys governor and timelock, says which role may call what, and gives all power away. In this order: until its last
 * call the deployer is admin of authority and timelock, so that a deployment that was interrupted resumes; after it the
 * timelock alone is. The guardian (a contract, or zero for nobody) and the timelock may pause.
 */
export function handOver(m: Builder, run: GovernedContracts) {
  const { authority, runRegistry, metagraph, stakeManager, updateLedger, weightLedger, emission } = run;
  const deployer = m.getAccount(0);
  // Anyone may carry out what waited long enough.
  const timelock = m.contract("TimelockController", [
    m.getParameter("timelockDelay"),
    [],
    [zeroAddress],
    deployer,
  ]);
  const governor = m.contract("WeftGovernor", [
    metagraph,
    stakeManager,
    timelock,
    m.getParameter("votingDelay"),
    m.getParameter("votingPeriod"),
    m.getParameter("proposalThreshold"),
    m.getParameter("quorumBps"),
  ]);
  const granted = ["PROPOSER_ROLE", "CANCELLER_ROLE"].map((role) =>
    m.call(timelock, "grantRole", [keccak256(toBytes(role)), governor], { id: `grant_${role}` }),
  );
  m.call(timelock, "renounceRole", [zeroHash, deployer], { after: granted });

  const may = (target: Contract, name: string, functions: readonly string[], role: bigint) =>
    m.call(authority, "setTargetFunctionRole", [target, functions.map(selector), role], {
      id: `may_${name}`,
    });
  const grant = (name: string, role: bigint, account: Contract | ReturnType<Builder["getParameter"]>) =>
    m.call(authority, "grantRole", [role, account, 0], { id: `grant_${name}` });
  const settled = [
    m.call(authority, "labelRole", [roles.guardian, "guardian"], { id: "label_guardian" }),
    m.call(authority, "labelRole", [roles.run, "run"], { id: "label_run" }),
    may(metagraph, "pauseMetagraph", PAUSES, roles.guardian),
    may(stakeManager, "pauseStakeManager", PAUSES, roles.guardian),
    may(updateLedger, "pauseUpdateLedger", PAUSES, roles.guardian),
    may(weightLedger, "pauseWeightLedger", PAUSES, roles.guardian),
    may(updateLedger, "closeUpdateLedger", ["close(uint256)"], roles.run),
    may(emission, "emission", ["end(uint256)", "setEpochEngine(address)"], roles.run),
    may(metagraph, "metagraph", ["setEpochEngine(address)"], roles.run),
    grant("run", roles.run, runRegistry),
    grant("guardian", roles.guardian, m.getParameter("guardian")),
    grant("guardianTimelock", roles.guardian, timelock),
    grant("admin", roles.admin, timelock),
  ];
  m.call(authority, "renounceRole", [roles.admin, deployer], { id: "renounce_admin", after: settled });
  return { governor, timelock };
}

function selector(signature: string): string {
  return toFunctionSelector(`function ${signature}`);
}
