import { createRequire } from "node:module";
import hardhatToolboxViem from "@nomicfoundation/hardhat-toolbox-viem";
import { configVariable, defineConfig } from "hardhat/config";
import { verbs } from "./scripts/tasks/definitions.ts";

const require = createRequire(import.meta.url);

// The compiler is the npm package `solc` (wasm), so that Hardhat downloads nothing.
const compiler = { version: "0.8.37", path: require.resolve("solc/soljson.js") };
const settings = {
  evmVersion: "osaka",
  optimizer: { enabled: true, runs: 1_000 },
  // For the committed snapshot of storage layouts.
  outputSelection: { "*": { "*": ["storageLayout"] } },
};

/** As deployed. `runs`: how often the optimiser expects code to run, against its size. */
const deployed = (runs: number) => ({ ...settings, viaIR: true, optimizer: { enabled: true, runs } });

/** `npm run test:long`: the same tests with many more random cases. */
const long = process.env.WEFT_LONG === "1";

export default defineConfig({
  plugins: [hardhatToolboxViem],
  tasks: [...verbs],
  solidity: {
    // Deployed as it is: who may change what.
    npmFilesToBuild: [
      "@openzeppelin/contracts/access/manager/AccessManager.sol",
      "@openzeppelin/contracts/governance/TimelockController.sol",
    ],
    profiles: {
      default: { ...compiler, settings },
      // All files in one job: a file of constants alone gives a job of its own no contracts, which the node refuses.
      production: {
        compilers: [{ ...compiler, settings: deployed(1_000_000) }],
        // With more runs it would be above the size limit of a contract.
        overrides: { "contracts/Metagraph.sol": { ...compiler, settings: deployed(1_000) } },
        isolated: false,
      },
    },
  },
  networks: {
    // `npx hardhat node` serves this one; tests use it in process.
    node: {
      type: "edr-simulated",
      chainId: 31337,
      hardfork: "osaka",
      blockGasLimit: 60_000_000,
      mining: { auto: false, interval: 1000 },
    },
    // A running local node.
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    // Any other chain: RPC URL and key from the environment or Hardhat's encrypted keystore.
    remote: {
      type: "http",
      url: configVariable("WEFT_RPC_URL"),
      accounts: [configVariable("WEFT_PRIVATE_KEY")],
    },
  },
  test: {
    solidity: {
      fuzz: { runs: long ? 100_000 : 256, seed: "0x57656674" },
      invariant: { runs: long ? 1_000 : 64, depth: long ? 300 : 64, failOnRevert: true },
    },
  },
  ignition: { requiredConfirmations: 1, blockPollingInterval: 200 },
});
