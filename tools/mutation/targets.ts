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

export const targets: readonly Target[] = [
  {
    name: "Yuma",
    paths: [`${libraries}/Yuma*.sol`],
    suites: [`${tests}/libraries/Yuma*.t.sol`, `${tests}/EpochEngine*.t.sol`, run],
  },
  {
    name: "EpochEngine",
    paths: ["contracts/EpochEngine.sol"],
    suites: [`${tests}/EpochEngine*.t.sol`, run],
  },
  {
    name: "Emission",
    paths: ["contracts/Emission.sol", `${libraries}/Issuance.sol`],
    suites: [`${tests}/Emission*.t.sol`, `${tests}/libraries/Issuance.t.sol`, money],
  },
  {
    name: "StakeManager",
    paths: ["contracts/{StakeManager,SelfPermit}.sol", `${libraries}/{ShareMath,UnbondingQueue}.sol`],
    suites: [`${tests}/{StakeManager,SelfPermit}*.t.sol`, `${tests}/libraries/ShareMath.t.sol`, money],
  },
  {
    name: "UpdateLedger",
    paths: ["contracts/{UpdateLedger,Phased}.sol", `${libraries}/CommitWord.sol`],
    suites: [`${tests}/libraries/Packing.t.sol`, `${tests}/UpdateLedger*.t.sol`, run],
  },
  {
    name: "WeightLedger",
    paths: ["contracts/WeightLedger.sol"],
    suites: [`${tests}/WeightLedger*.t.sol`, run],
  },
];
