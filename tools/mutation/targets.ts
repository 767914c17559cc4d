/** What is mutated and which Solidity suites must notice. Paths are globs from the repository's root. */

export interface Target {
  readonly name: string;
  /** The contract and the libraries that are its own. */
  readonly paths: readonly string[];
  /** In the order in which they are tried: those that compile fast first, stateful invariants last. */
  readonly suites: readonly string[];
}

const libraries = "contracts/libraries";
const tests = "test/contracts";
const money = "test/invariant/Money.t.sol";
const run = "test/invariant/Run.t.sol";

const owner = "test/invariant/Owner.t.sol";

export const targets: readonly Target[] = [
  {
    name: "Yuma",
    paths: [`${libraries}/Yuma*.sol`],
    suites: [`${tests}/libraries/Yuma*.t.sol`, `${tests}/EpochEngine*.t.sol`, run],
  },
  {
    name: "EpochEngine",
    paths: ["contracts/EpochEngine.sol"],
    suites: [`${tests}/EpochEngine*.t.sol`, `${tests}/RunRegistry.t.sol`, run],
  },
  {
    name: "Emission",
    paths: ["contracts/Emission.sol", `${libraries}/{Issuance,CreditList,TotalLanes}.sol`],
    suites: [`${tests}/Emission*.t.sol`, `${tests}/libraries/{Issuance,TotalLanes,Words}.t.sol`, money],
  },
  {
    name: "StakeManager",
    paths: [
      "contracts/{StakeManager,StakePools,SelfPermit}.sol",
      `${libraries}/{ShareMath,UnbondingQueue,UnbondingPool,EpochAmount}.sol`,
    ],
    suites: [
      `${tests}/{StakeManager,SelfPermit}*.t.sol`,
      `${tests}/libraries/{ShareMath,UnbondingPool,Words}.t.sol`,
      `${tests}/governance/WeftGovernor.t.sol`,
      money,
      owner,
    ],
  },
  {
    name: "UpdateLedger",
    paths: [
      "contracts/{UpdateLedger,FaultLedger,Phased,Gated}.sol",
      `${libraries}/{CommitWord,FaultBook,Gate}.sol`,
    ],
    suites: [
      `${tests}/libraries/{Packing,Words}.t.sol`,
      `${tests}/{UpdateLedger,Faults,Gated,AvailabilityChallenge}*.t.sol`,
      run,
    ],
  },
  {
    name: "WeightLedger",
    paths: ["contracts/WeightLedger.sol"],
    suites: [`${tests}/{WeightLedger,Faults,Gated}*.t.sol`, run],
  },
  {
    name: "Slashing",
    paths: ["contracts/{Slashing,CollateralVault}.sol"],
    suites: [`${tests}/{Slashing,CollateralVault,AvailabilityChallenge}.t.sol`, owner],
  },
];
