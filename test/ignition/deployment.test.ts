import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { network } from "hardhat";
import { type Abi, custom, getAddress, type Hex, keccak256, parseAbi } from "viem";
import Weft from "../../ignition/modules/Weft.ts";
import { readParameters } from "../../ignition/readParameters.ts";
import { serveRpc } from "../../lab/chain/rpcServer.ts";
import { keysInPower, readPowers } from "../../scripts/deployment/powers.ts";
import { connectRun } from "../../workers/chain/connectRun.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import { type DeployedRun, deployRun, runAbis, testManifest } from "../support/deployedRun.ts";

const never = new AbortController().signal;
const GENESIS = 2_000_000_000;
const deployments = new URL("../../ignition/deployments/", import.meta.url);
const governorAbi = parseAbi([
  "function votingPeriod() view returns (uint256)",
  "function proposalThreshold() view returns (uint256)",
  "function quorumBps() view returns (uint256)",
]);

async function freshChain() {
  const connection = await network.create({ network: "default", override: { hardfork: "osaka" } });
  const client = await connection.viem.getPublicClient();
  const [wallet] = await connection.viem.getWalletClients();
  if (wallet === undefined) throw new Error("no account");
  return { connection, client, deployer: wallet.account.address };
}

type Chain = Awaited<ReturnType<typeof freshChain>>;

async function deployed({ connection, deployer }: Chain): Promise<DeployedRun> {
  return deployRun(connection, GENESIS, new Map([[deployer, 1000n]]));
}

/** The run as a participant reads it. */
function connected({ connection }: Chain, run: DeployedRun): Promise<RunContracts> {
  const transport = custom(connection.provider);
  return connectRun({ transport, registry: run.runRegistry, deployBlock: 0n, signal: never });
}

describe("a deployment from a parameter file", () => {
  it("every parameter, read back, is the file's", async () => {
    const chain = await freshChain();
    const run = await deployed(chain);
    const { Weft: file } = await readParameters("local", {
      genesis: GENESIS,
      genesisRecipients: [],
      genesisAmounts: [],
      ...testManifest,
    });
    const read = (name: keyof DeployedRun, functionName: string, args: readonly unknown[] = []) =>
      chain.client.readContract({ address: run[name], abi: runAbis[name] as Abi, functionName, args });
    const found: Record<string, unknown> = {
      ...Object(await read("metagraph", "parameters")),
      ...Object(await read("emission", "parameters")),
      ...Object(await read("epochEngine", "parametersAt", [0n])),
      ...Object(await read("slashing", "parameters")),
      unbondingEpochs: await read("stakeManager", "unbondingEpochs"),
      maxTakeBps: await read("stakeManager", "maxTakeBps"),
      maxUpdateBytes: await read("updateLedger", "maxUpdateBytes"),
    };
    const challenge = Object(await read("challenge", "parameters"));
    Object.assign(found, { challengeBond: challenge.bond, answerSeconds: challenge.answerSeconds });
    const powers = await readPowers(await connected(chain, run), never);
    const governor = { address: powers.governor ?? "0x", abi: governorAbi } as const;
    Object.assign(found, {
      timelockDelay: powers.timelockDelay,
      votingPeriod: await chain.client.readContract({ ...governor, functionName: "votingPeriod" }),
      proposalThreshold: await chain.client.readContract({ ...governor, functionName: "proposalThreshold" }),
      quorumBps: await chain.client.readContract({ ...governor, functionName: "quorumBps" }),
    });
    const clock = (await connected(chain, run)).clock;
    Object.assign(found, clock);
    // `votingDelay` is read as the time to the next epoch, the guardian from the roles, the rest in other tests.
    const elsewhere = new Set(["votingDelay", "guardian", "genesisRecipients", "genesisAmounts"]);
    for (const [name, value] of Object.entries(file)) {
      if (elsewhere.has(name) || name.startsWith("manifest")) continue;
      assert.ok(name in found, `${name} is read back`);
      const given = found[name];
      const same = typeof value === "number" ? Number(given) : given;
      if (typeof value === "string") assert.equal(getAddress(String(same)), getAddress(value), name);
      else assert.deepEqual(same, value, name);
    }
  });

  it("after the hand-over, no single key holds any power", async () => {
    const chain = await freshChain();
    const run = await deployed(chain);
    const found = await readPowers(await connected(chain, run), never);
    assert.deepEqual(keysInPower(found), []);
    const held = found.powers.map(({ role, account, holder }) => [role, holder, account]);
    const { timelock, governor } = found;
    assert.deepEqual(
      held,
      [
        ["admin", "contract", timelock],
        ["guardian", "nobody", "0x0000000000000000000000000000000000000000"],
        ["guardian", "contract", timelock],
        ["run", "contract", getAddress(run.runRegistry)],
        ["timelock admin", "contract", timelock],
        ["proposer", "contract", governor],
        ["canceller", "contract", governor],
        ["executor", "anyone", "0x0000000000000000000000000000000000000000"],
      ].sort(
        (a, b) =>
          held.findIndex((one) => one.join() === a.join()) - held.findIndex((one) => one.join() === b.join()),
      ),
    );
    assert.equal(held.length, 8);
  });

  it("every setter and pause, called by the deployer, is refused", async () => {
    const chain = await freshChain();
    const run = await deployed(chain);
    const restricted: readonly [keyof DeployedRun, string, readonly unknown[]][] = [
      ["metagraph", "pause", [1n]],
      ["stakeManager", "pause", [1n]],
      ["updateLedger", "pause", [1n]],
      ["weightLedger", "pause", [1n]],
      ["metagraph", "unpause", []],
      ["updateLedger", "close", [1n]],
      ["metagraph", "setEpochEngine", [run.epochEngine]],
      ["emission", "setEpochEngine", [run.epochEngine]],
      ["emission", "end", [1n]],
      ["challenge", "setParameters", [{ bond: 1n, answerSeconds: 1n }]],
      ["runRegistry", "announceEnd", [99n]],
      ["runRegistry", "replaceEpochEngine", [run.epochEngine]],
    ];
    for (const [name, functionName, args] of restricted) {
      const call = { address: run[name], abi: runAbis[name] as Abi, functionName, args };
      await assert.rejects(
        chain.client.simulateContract({ ...call, account: chain.deployer }),
        /AccessManagedUnauthorized/,
        `${name}.${functionName}`,
      );
    }
    for (const name of ["token", "stakeManager", "metagraph", "emission", "vault", "slashing"] as const) {
      const linked = await chain.client.readContract({
        address: run[name],
        abi: runAbis[name] as Abi,
        functionName: "linked",
      });
      assert.equal(linked, true, name);
    }
  });

  it("a second deployment from the same file, on another chain, has the same addresses and code", async () => {
    const codes = async () => {
      const chain = await freshChain();
      const run = await deployed(chain);
      const entries = Object.entries(run).map(async ([name, address]) => {
        const code = await chain.client.getCode({ address });
        return [name, address, keccak256(code ?? "0x")] as const;
      });
      return Promise.all(entries);
    };
    assert.deepEqual(await codes(), await codes());
  });

  it("a deployment that stopped half-way, run again, resumes where it stopped", async () => {
    // Ignition keeps a record of deployments to a node alone, not of those to a chain in its own process.
    const { provider } = (await freshChain()).connection;
    let left = 25;
    const url = await serveRpc(({ method, params }) => {
      if (method === "eth_sendTransaction") left--;
      if (method === "eth_estimateGas" && left <= 0) throw new Error("the connection broke");
      return provider.request({ method, params: [...params] });
    });
    const node = await network.create({ network: "localhost", override: { url } });
    const client = await node.viem.getPublicClient();
    const [wallet] = await node.viem.getWalletClients();
    const deployer = wallet?.account.address ?? "0x";
    const deploymentId = `resume-${process.pid}`;
    const own = { genesis: GENESIS, genesisRecipients: [deployer], genesisAmounts: [1000n], ...testManifest };
    const parameters = await readParameters("local", own);
    try {
      await assert.rejects(node.ignition.deploy(Weft, { parameters, deploymentId }));
      assert.ok((await client.getTransactionCount({ address: deployer })) >= 25);
      left = Number.POSITIVE_INFINITY;
      const resumed: { runRegistry: { address: Hex }; token: { address: Hex } } = await node.ignition.deploy(
        Weft,
        { parameters, deploymentId },
      );
      const contracts = await client.readContract({
        address: resumed.runRegistry.address,
        abi: runAbis.runRegistry,
        functionName: "contracts",
      });
      assert.equal(contracts.token, getAddress(resumed.token.address));
      const whole = await freshChain();
      await deployed(whole);
      const transactions = await client.getTransactionCount({ address: deployer });
      assert.equal(transactions, await whole.client.getTransactionCount({ address: whole.deployer }));
    } finally {
      await rm(fileURLToPath(new URL(deploymentId, deployments)), { recursive: true, force: true });
    }
  });
});
