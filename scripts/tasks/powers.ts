import { keysInPower, type Power, readPowers } from "../deployment/powers.ts";
import { columns, count, shortAddress } from "../format.ts";
import { openRun } from "./openRun.ts";
import { type Outcome, type VerbArguments, type VerbContext, verbAction } from "./verb.ts";

const meaning: Readonly<Record<string, string>> = {
  admin: "changes parameters and roles",
  guardian: "pauses registrations, stakes and commits",
  run: "ends the run, swaps its engine, as governance announces",
  proposer: "puts accepted proposals into the timelock",
  canceller: "takes proposals out of the timelock",
  executor: "carries out what waited long enough",
  "timelock admin": "changes the timelock's roles",
};

/** Shows who holds power over a run. @throws as `openRun` and `readPowers` */
export async function powersVerb(args: VerbArguments, context: VerbContext): Promise<Outcome> {
  const run = await openRun(args, context);
  const found = await readPowers(run, context.signal);
  const { authority, timelock, governor, timelockDelay, powers } = found;
  const keys = keysInPower(found);
  const rows = powers.map(({ role, account, holder }) => [
    role,
    holder === "anyone" || holder === "nobody" ? holder : shortAddress(account),
    nameOf(account, holder, { timelock, governor, registry: run.addresses.registry }),
    meaning[role] ?? "",
  ]);
  const wait = timelockDelay === undefined ? [] : [`the timelock waits ${count(timelockDelay)} s`];
  const verdict =
    keys.length === 0
      ? "no single key holds any power over this run"
      : `${count(keys.length)} powers are in the hands of a single key: ${keys.map(({ role }) => role).join(", ")}`;
  return {
    lines: [
      ...columns([["role", "account", "which is", "what for"], ...rows], [], context.width),
      [...wait, verdict].join(" · "),
    ],
    json: { authority, timelock, governor, timelockDelay, powers: powers.map((power) => ({ ...power })) },
  };
}

function nameOf(
  account: string,
  holder: Power["holder"],
  known: { timelock: string | undefined; governor: string | undefined; registry: string },
): string {
  if (holder === "key") return "a single key";
  if (account === known.timelock) return "the timelock";
  if (account === known.governor) return "the governor";
  if (account === known.registry) return "the run's registry";
  return holder === "contract" ? "a contract" : "";
}

export default verbAction(powersVerb);
