/**
 * Gas of every action in receipts, beside what it was meant to stay below and what comparable protocols take:
 * `npm run bench:gas [-- --sizes 16x48,64x256] [--json FILE]`. Builds the contracts with the production profile first.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { network } from "hardhat";
import { type ActionGas, play, type Size } from "./gas/play.ts";
import { targets } from "./gas/targets.ts";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "64x256,16x48" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log("npm run bench:gas [-- --sizes VALIDATORSxUIDS,…] [--json FILE]");
  process.exit(0);
}

const found = new Map<string, ActionGas>();
for (const size of values.sizes.split(",").map(sizeOf)) {
  const override = { hardfork: "osaka", accounts: { count: size.uids + 3 } } as const;
  const connection = await network.create({ network: "default", override });
  const log = (line: string) => console.error(`  ${size.validators} x ${size.uids} · ${line}`);
  // What does not depend on the size is taken from the first one.
  for (const action of await play(connection, size, log)) {
    if (!found.has(action.name)) found.set(action.name, action);
  }
}
const actions = [...found.values()];
console.log(`${"action".padEnd(34)}${"gas".padStart(12)}${"target".padStart(12)}  new slots  peers`);
for (const { name, gas, newSlots } of actions) {
  const known = targets[name];
  const target =
    known === undefined ? "" : `${gas <= known.target ? "" : "! "}${known.target.toLocaleString("en")}`;
  const row = `${name.padEnd(34)}${gas.toLocaleString("en").padStart(12)}${target.padStart(12)}`;
  console.log(`${row}${String(newSlots).padStart(11)}  ${known?.peers ?? ""}`.trimEnd());
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ actions }, null, 2)}\n`);

function sizeOf(text: string): Size {
  const [, validators, uids] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (validators === undefined || uids === undefined) throw new Error(`not VALIDATORSxUIDS: "${text}"`);
  return { validators: Number(validators), uids: Number(uids) };
}
