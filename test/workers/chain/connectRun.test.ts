import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { getAddress } from "viem";
import { serveRpc } from "../../../lab/chain/rpcServer.ts";
import { readConsensusParameters } from "../../../workers/chain/actions/readConsensusParameters.ts";
import { connectRun } from "../../../workers/chain/connectRun.ts";
import { WeftError } from "../../../workers/protocol/errors.ts";
import { testManifest } from "../../support/deployedRun.ts";
import { type FaultyChain, faultyChain, never } from "../../support/faultyChain.ts";

const withCode = (code: string, retryable: boolean) => (error: unknown) =>
  error instanceof WeftError && error.code === code && error.retryable === retryable;

describe("connectRun", () => {
  let chain: FaultyChain;
  before(async () => {
    chain = await faultyChain();
  });

  it("connectRun, the registry, gives addresses, clock, manifest and the first block with code", async () => {
    const run = await chain.connect({ chainId: 31337 });
    const { runRegistry, ...others } = chain.contracts;
    const addresses = Object.entries({ registry: runRegistry, ...others });
    assert.deepEqual(
      run.addresses,
      Object.fromEntries(addresses.map(([name, value]) => [name, getAddress(value)])),
    );
    assert.deepEqual(run.clock, {
      genesis: chain.genesis,
      period: 1000,
      commitSeconds: 600,
      revealSeconds: 800,
      tempo: 3,
    });
    const { manifestHash: hash, manifestDigest: digest, manifestSize: size } = testManifest;
    assert.deepEqual(run.manifest, { hash, digest, size });
    const hasCode = async (blockNumber: bigint) =>
      (await chain.client.getCode({ address: run.addresses.stakeManager, blockNumber })) !== undefined ||
      (await chain.client.getCode({ address: run.addresses.metagraph, blockNumber })) !== undefined;
    assert.equal(await hasCode(run.deployBlock), true);
    assert.equal(await hasCode(run.deployBlock - 1n), false);
  });

  it("readConsensusParameters, the local parameters, gives them back exactly", async () => {
    const parameters = await readConsensusParameters(await chain.connect(), 0, never);
    assert.deepEqual(parameters, {
      kappaU16: 32_767,
      bondsMovingAverageMillionths: 900_000,
      bondsPenalty: 1,
    });
  });

  it("connectRun, nothing listens, is RPC_UNREACHABLE", async () => {
    await assert.rejects(chain.connect({ rpcUrl: "http://127.0.0.1:9" }), withCode("RPC_UNREACHABLE", true));
  });

  it("connectRun, a server that is no node, is retryable", async () => {
    const rpcUrl = await serveRpc(() => Promise.reject(Object.assign(new Error("what?"), { code: -32601 })));
    await assert.rejects(chain.connect({ rpcUrl }), withCode("RPC_FAILED", true));
  });

  it("connectRun, another chain, is WRONG_CHAIN", async () => {
    await assert.rejects(chain.connect({ chainId: 1 }), withCode("WRONG_CHAIN", false));
  });

  it("connectRun, an account without code, is NO_CODE", async () => {
    await assert.rejects(chain.connect({ registry: `0x${"11".repeat(20)}` }), withCode("NO_CODE", false));
  });

  it("connectRun, other contracts, is NOT_A_REGISTRY", async () => {
    for (const registry of [chain.contracts.token, chain.contracts.updateLedger]) {
      await assert.rejects(chain.connect({ registry }), withCode("NOT_A_REGISTRY", false));
    }
  });

  for (const registry of ["", "0x12", "registry.eth"]) {
    it(`connectRun, registry "${registry}", is ADDRESS_INVALID`, async () => {
      await assert.rejects(chain.connect({ registry }), withCode("ADDRESS_INVALID", false));
    });
  }

  for (const rpcUrl of ["", "localhost:8545", "ws://127.0.0.1:1"]) {
    it(`connectRun, URL "${rpcUrl}", is RPC_URL_INVALID`, async () => {
      await assert.rejects(chain.connect({ rpcUrl }), withCode("RPC_URL_INVALID", false));
    });
  }

  it("connectRun, aborted, rejects with the reason", async () => {
    const reason = new Error("stop");
    const options = {
      rpcUrl: chain.rpcUrl,
      registry: chain.contracts.runRegistry,
      signal: AbortSignal.abort(reason),
    };
    await assert.rejects(connectRun(options), (error) => error === reason);
  });

  it("connectRun, a node without old state, is DEPLOY_BLOCK_UNKNOWN unless the block is given", async () => {
    chain.intercept((request, forward) => {
      if (request.method === "eth_getCode" && request.params[1] !== "latest") {
        throw Object.assign(new Error("missing trie node"), { code: -32000 });
      }
      return forward(request);
    });
    await assert.rejects(chain.connect(), withCode("DEPLOY_BLOCK_UNKNOWN", false));
    assert.equal((await chain.connect({ deployBlock: 4n })).deployBlock, 4n);
    chain.intercept(undefined);
  });
});
