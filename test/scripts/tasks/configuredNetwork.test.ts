import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import hre from "hardhat";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { configuredNetwork } from "../../../scripts/tasks/configuredNetwork.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { rejectsWith } from "../../support/verbBench.ts";

const { networks } = hre.config;
const VARIABLES = ["WEFT_RPC_URL", "WEFT_PRIVATE_KEY"];

describe("configuredNetwork", () => {
  afterEach(() => {
    for (const name of VARIABLES) delete process.env[name];
  });

  it("configuredNetwork, none named, is none", () => {
    assert.equal(configuredNetwork(undefined, networks), undefined);
  });

  it("configuredNetwork, localhost, has a URL and leaves accounts to the node", async () => {
    const network = configuredNetwork("localhost", networks);
    assert.equal(await network?.rpcUrl(), "http://127.0.0.1:8545");
    assert.equal(await network?.account(), undefined);
  });

  it("configuredNetwork, remote with both variables, gives URL and account", async () => {
    const key = generatePrivateKey();
    process.env.WEFT_RPC_URL = "https://rpc.example/key";
    process.env.WEFT_PRIVATE_KEY = key;
    const network = configuredNetwork("remote", networks);
    assert.equal(await network?.rpcUrl(), "https://rpc.example/key");
    assert.equal((await network?.account())?.address, privateKeyToAddress(key));
  });

  for (const value of [undefined, "", "0x12", "not a key"]) {
    it(`configuredNetwork, remote, variables ${value}, is refused without quoting them`, async () => {
      for (const name of VARIABLES) if (value !== undefined) process.env[name] = value;
      // A configuration of its own: resolved variables keep the first value they saw.
      const network = configuredNetwork("remote", await freshNetworks());
      assert.ok(network !== undefined);
      await rejectsWith(network.account(), "CONFIG_VARIABLE_UNUSABLE");
      await rejectsWith(network.rpcUrl(), "CONFIG_VARIABLE_UNUSABLE");
      await assert.rejects(
        network.account(),
        (error) => error instanceof FatalError && error.cause === undefined,
      );
    });
  }

  it("configuredNetwork, an unknown or an in-process network, is refused", () => {
    const codeOf = (name: string) => {
      try {
        configuredNetwork(name, networks);
      } catch (error) {
        return error instanceof FatalError ? error.code : error;
      }
    };
    assert.equal(codeOf("mainnet"), "NETWORK_UNKNOWN");
    assert.equal(codeOf("node"), "NETWORK_IN_PROCESS");
  });
});

async function freshNetworks() {
  const { createHardhatRuntimeEnvironment } = await import("hardhat/hre");
  const fresh = await createHardhatRuntimeEnvironment(hre.userConfig, {}, hre.config.paths.root);
  return fresh.config.networks;
}
