import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { readNetworkFile, writeNetworkFile } from "../../../workers/cli/networkFile.ts";
import { parseWorkerOptions, workerCommand } from "../../../workers/cli/workerOptions.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const parse = (...argv: string[]) => parseWorkerOptions(workerCommand("miner", "A test."), argv);
const network = {
  rpcUrl: "http://127.0.0.1:1",
  chainId: 31337,
  registry: "0x01",
  store: "/store",
  deployBlock: 7,
};

test("parseWorkerOptions, a network file and a name: everything from there", async (t) => {
  const dir = temporaryFolder(t);
  await writeNetworkFile(dir, network);
  assert.deepEqual(await parse("--dir", dir, "--as", "anna"), {
    rpcUrl: network.rpcUrl,
    registry: "0x01",
    chainId: 31337,
    deployBlock: 7n,
    store: { folder: "/store", ipfsApi: undefined, gateways: [] },
    hotkeyFile: join(dir, "keys", "anna-hotkey.json"),
    passphraseFile: undefined,
    folder: join(dir, "workers", "anna"),
    threads: 1,
    device: "auto",
    maxFeePerGas: 500n * 10n ** 9n,
    logLevel: "info",
    keepRounds: 2000,
    quotaBytes: undefined,
    shardQuotaBytes: undefined,
    telemetry: undefined,
    reportTo: undefined,
  });
});

test("parseWorkerOptions, all given: no network file is read, nothing is expected of the chain", async (t) => {
  const dir = temporaryFolder(t);
  const given = [
    "--dir",
    dir,
    "--hotkey",
    "k.json",
    "--rpc",
    "http://x",
    "--registry",
    "0x02",
    "--store",
    "s",
  ];
  const options = await parse(
    ...given,
    "--passphrase-file",
    "p",
    "--folder",
    "f",
    "--threads",
    "4",
    "--device",
    "webgpu",
    "--ipfs",
    "http://127.0.0.1:5001",
    "--gateway",
    "https://a",
    "https://b",
    "--max-fee",
    "7",
    "--log",
    "silent",
    "--keep-rounds",
    "30",
    "--store-quota",
    "20GB",
    "--shard-quota",
    "2GB",
    "--metrics",
    "9464",
    "--report-to",
    "http://127.0.0.1:8600",
  );
  assert.deepEqual(options, {
    rpcUrl: "http://x",
    registry: "0x02",
    chainId: undefined,
    deployBlock: undefined,
    store: { folder: resolve("s"), ipfsApi: "http://127.0.0.1:5001", gateways: ["https://a", "https://b"] },
    hotkeyFile: resolve("k.json"),
    passphraseFile: resolve("p"),
    folder: resolve("f"),
    threads: 4,
    device: "webgpu",
    maxFeePerGas: 7n * 10n ** 9n,
    logLevel: "silent",
    keepRounds: 30,
    quotaBytes: 20e9,
    shardQuotaBytes: 2e9,
    telemetry: { host: "127.0.0.1", port: 9464 },
    reportTo: new URL("http://127.0.0.1:8600"),
  });
});

test("parseWorkerOptions, another RPC or registry than the file's: what belongs to the other is not taken over", async (t) => {
  const dir = temporaryFolder(t);
  await writeNetworkFile(dir, network);
  const rpc = await parse("--dir", dir, "--as", "a", "--rpc", "http://x");
  assert.deepEqual([rpc.rpcUrl, rpc.chainId, rpc.registry], ["http://x", undefined, "0x01"]);
  const registry = await parse("--dir", dir, "--as", "a", "--registry", "0x02");
  assert.deepEqual([registry.registry, registry.deployBlock, registry.chainId], ["0x02", undefined, 31337]);
});

test("parseWorkerOptions, what cannot work: its code", async (t) => {
  const dir = temporaryFolder(t);
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], "NO_IDENTITY"],
    [["--as", "a", "--threads", "0"], "OPTION_INVALID"],
    [["--as", "a", "--threads", "two"], "OPTION_INVALID"],
    [["--as", "a", "--threads", "1.5"], "OPTION_INVALID"],
    [["--as", "a", "--device", "gpu"], "OPTION_INVALID"],
    [["--as", "a", "--log", "loud"], "OPTION_INVALID"],
    [["--as", "a", "--keep-rounds", "0"], "OPTION_INVALID"],
    [["--as", "a", "--store-quota", "20"], "OPTION_INVALID"],
    [["--as", "a", "--shard-quota", "much"], "OPTION_INVALID"],
    [["--as", "a", "--metrics", "localhost"], "OPTION_INVALID"],
    [["--as", "a", "--report-to", "projector"], "OPTION_INVALID"],
    [["--as", "a", "--report-to", "file:///tmp"], "OPTION_INVALID"],
    [["--as", "a", "--no-such-option"], "OPTION_INVALID"],
    [["--as"], "OPTION_INVALID"],
    [["--as", "a", "extra"], "OPTION_INVALID"],
    [["--as", "a"], "NETWORK_FILE_MISSING"],
    [["--as", "a", "--rpc", "http://x", "--registry", "0x01"], "NETWORK_FILE_MISSING"],
  ];
  for (const [argv, code] of cases)
    await assert.rejects(parse("--dir", dir, ...argv), { code }, argv.join(" "));
});

test("readNetworkFile, no JSON or another shape, NETWORK_FILE_INVALID; as written, the same", async (t) => {
  const dir = temporaryFolder(t);
  for (const text of [
    "{",
    "[]",
    JSON.stringify({ ...network, chainId: "1" }),
    JSON.stringify({ ...network, more: 1 }),
  ]) {
    writeFileSync(join(dir, "network.json"), text);
    await assert.rejects(readNetworkFile(dir), { code: "NETWORK_FILE_INVALID" }, text);
  }
  await writeNetworkFile(dir, network);
  assert.deepEqual(await readNetworkFile(dir), network);
});
