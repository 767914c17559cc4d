/** Hardhat's configuration for `npm run coverage`: instrumented contracts in folders of their own, and few random cases. */
import { defineConfig } from "hardhat/config";
import config from "../hardhat.config.ts";

export default defineConfig({
  ...config,
  // Snapshots, ABIs and gas are taken from `artifacts/`, which must not hold instrumented code.
  paths: { artifacts: "cache/coverage/artifacts", cache: "cache/coverage/cache" },
  test: {
    solidity: {
      // What a line needs is a test that reaches it by name, not luck.
      fuzz: { runs: 16, seed: "0x57656674" },
      invariant: { runs: 4, depth: 64, failOnRevert: true },
    },
  },
});
