/**
 * Gas of every action in receipts, today and under the next hardfork, beside what it was meant to stay below and what
 * comparable protocols take: `npm run bench:gas [-- --sizes 16x48,64x256] [--json FILE]`. Builds the contracts with the
 * production profile first.
 */
import { writeFile } from "node:fs/promises";
import { network } from "hardhat";
import { type ActionGas, play, type Size } from "./gas/play.ts";
import { targets } from "./gas/targets.ts";
import { benchCommand, listOf } from "./options.ts";

const values = benchCommand(
  "gas",
  "Gas of every action in receipts, today and under the next hardfork, beside targets and comparable protocols.",
)
  .option("--sizes <list>", "sizes of a settled epoch, VALIDATORSxUIDS", listOf(String), ["64x256", "16x48"])
  .parse()
  .opts<{ readonly sizes: readonly string[]; readonly json?: string }>();

/** Deployments under the next hardfork need more gas than a transaction has today. */
const ROOM = { blockGasLimit: 1_000_000_000, transactionGasCap: false } as const;
const now = await measure("osaka");
const next = await measure("amsterdam");
const actions = [...now].map(([name, action]) => ({
  ...action,
  gasAmsterdam: next.get(name)?.gas,
}));
const cell = (value: number | undefined) => (value ?? 0).toLocaleString("en").padStart(12);
console.log(
  `${"action".padEnd(34)}${"gas".padStart(12)}${"amsterdam".padStart(12)}${"target".padStart(12)}  new slots  peers`,
);
for (const { name, gas, gasAmsterdam, newSlots } of actions) {
  const known = targets[name];
  const target =
    known === undefined ? "" : `${gas <= known.target ? "" : "! "}${known.target.toLocaleString("en")}`;
  const row = `${name.padEnd(34)}${cell(gas)}${cell(gasAmsterdam)}${target.padStart(12)}`;
  console.log(`${row}${String(newSlots).padStart(11)}  ${known?.peers ?? ""}`.trimEnd());
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ actions }, null, 2)}\n`);

/**
 * Every action under a hardfork: what contracts are built for, or the one with state repricing that the node offers besides.
 * What does not depend on the size is taken from the first one.
 */
async function measure(hardfork: "osaka" | "amsterdam"): Promise<Map<string, ActionGas>> {
  const found = new Map<string, ActionGas>();
  for (const size of values.sizes.map(sizeOf)) {
    const room = hardfork === "amsterdam" ? ROOM : {};
    const override = { hardfork, accounts: { count: size.uids + 3 }, ...room };
    const connection = await network.create({ network: "default", override });
    const log = (line: string) =>
      console.error(`  ${hardfork} · ${size.validators} x ${size.uids} · ${line}`);
    for (const action of await play(connection, size, log)) {
      if (!found.has(action.name)) found.set(action.name, action);
    }
  }
  return found;
}

function sizeOf(text: string): Size {
  const [, validators, uids] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (validators === undefined || uids === undefined) throw new Error(`not VALIDATORSxUIDS: "${text}"`);
  return { validators: Number(validators), uids: Number(uids) };
}
