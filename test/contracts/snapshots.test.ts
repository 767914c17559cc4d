import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { network } from "hardhat";
import { play } from "../../bench/gas/play.ts";
import { matchesSnapshot } from "../support/snapshots.ts";

const artifacts = new URL("../../artifacts/contracts/", import.meta.url);
/** EIP-170. */
const codeLimit = 24_576;

interface Artifact {
  readonly contractName: string;
  readonly sourceName: string;
  readonly deployedBytecode: string;
  readonly buildInfoId: string;
}

/** Every contract that can be deployed, by name. */
async function contracts(): Promise<Artifact[]> {
  const entries = await readdir(artifacts, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".json"));
  const read: Artifact[] = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(`${file.parentPath}/${file.name}`, "utf8"))),
  );
  // Libraries of internal functions alone have a stub of code.
  const whole = read.filter(({ deployedBytecode }) => deployedBytecode.length > 400);
  return whole.sort((a, b) => (a.contractName < b.contractName ? -1 : 1));
}

test("bytecode of every contract, as built for the tests, fits and is as committed", async () => {
  const sizes = (await contracts()).map(
    ({ contractName, deployedBytecode }) => [contractName, deployedBytecode.length / 2 - 1] as const,
  );
  for (const [name, size] of sizes) assert.ok(size < codeLimit, `${name}: ${size} bytes`);
  await matchesSnapshot("bytecode", Object.fromEntries(sizes));
});

test("gas and new slots of every action, in receipts, are as committed", async () => {
  const override = { hardfork: "osaka", accounts: { count: 11 } } as const;
  const connection = await network.create({ network: "default", override });
  const actions = await play(connection, { validators: 4, uids: 8 }, () => {});
  const rows = actions.map(({ name, gas, newSlots }) => [name, { gas, newSlots }]);
  await matchesSnapshot("gas", Object.fromEntries(rows));
});

test("storage layout of every contract is as committed", async () => {
  const layouts: Record<string, string[]> = {};
  for (const artifact of await contracts()) layouts[artifact.contractName] = await storageOf(artifact);
  await matchesSnapshot("storage", layouts);
});

interface Variable {
  readonly label: string;
  readonly slot: string;
  readonly offset: number;
  readonly type: string;
}

/** One line per variable: slot, byte offset, name, type. */
async function storageOf({ contractName, sourceName, buildInfoId }: Artifact): Promise<string[]> {
  const file = new URL(`../build-info/${buildInfoId}.output.json`, artifacts);
  const { output } = JSON.parse(await readFile(file, "utf8"));
  const { storageLayout } = output.contracts[`project/${sourceName}`][contractName];
  const types: Record<string, { label: string }> = storageLayout.types ?? {};
  return storageLayout.storage.map(
    ({ slot, offset, label, type }: Variable) => `${slot}+${offset} ${label}: ${types[type]?.label ?? type}`,
  );
}
