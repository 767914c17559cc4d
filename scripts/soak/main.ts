/** `npm run soak`: a local network of real processes whose workers are killed at random; ends with what broke. */
import { join } from "node:path";
import { optionsOrHelp } from "../../workers/cli/commandLine.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { requireWritableFile, writeFileAtomic } from "../../workers/runtime/files.ts";
import { requireFreePort } from "../localnet/chainNode.ts";
import { Children } from "../localnet/children.ts";
import { startNetwork } from "../localnet/network.ts";
import type { LocalnetOptions } from "../localnet/options.ts";
import { runSession } from "../localnet/session.ts";
import { chainFacts } from "./facts.ts";
import { type SoakFacts, violations } from "./findings.ts";
import { memoryVerdicts, settledSeconds } from "./memory.ts";
import { parseSoakOptions, type SoakOptions } from "./options.ts";
import { processesLeft } from "./processes.ts";
import { soakProfile } from "./profile.ts";
import { reportOf, tableLines } from "./report.ts";
import { soak } from "./soak.ts";

/** How long a worker may take to end when it is asked to, beside others that do the same. */
const graceMs = 20_000;

await runSession(() => {
  const options = optionsOrHelp("npm run soak --", () => parseSoakOptions(process.argv.slice(2)));
  if (options === undefined) return undefined;
  const children = new Children(graceMs);
  return { dir: options.dir, children, work: (signal) => run(options, children, signal) };
});

async function run(options: SoakOptions, children: Children, signal: AbortSignal): Promise<void> {
  const clock = systemClock;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  // Known now rather than after half an hour.
  if (options.json !== undefined) await requireWritableFile(options.json);
  const localnet = localnetOptions(options);
  const network = await startNetwork({
    options: localnet,
    profile: soakProfile,
    children,
    clock,
    say,
    signal,
  });
  const soaked = await soak({ network, children, localnet, options, clock, say, signal });
  const { fleet } = soaked;
  const facts = await chainFacts(network, soaked, signal);
  const atEnd = fleet.children;
  const lives = fleet.lives(atEnd, 2 * settledSeconds);
  say("stopping everybody …");
  await children.stop(atEnd);
  await fleet.noteStops(atEnd);
  await children.stop([network.chain]);
  const chainEnd = { name: "chain", code: await network.chain.exited, expected: 0 };
  const left = [
    ...(await processesLeft(join(options.dir, "workers"), new Set([...fleet.pids, network.chain.pid]))),
    ...(await portLeft(options.port)),
  ];
  const ends = [...fleet.ends, chainEnd];
  const all: SoakFacts = { ...facts, ends, left, memory: memoryVerdicts(lives) };
  const found = violations(all);
  const report = reportOf(options, all, found, {
    kills: new Map(fleet.names.map((name) => [name, fleet.killsOf(name)])),
    missed: soaked.observations.missed,
    roundSeconds: network.timing.period,
  });
  if (options.json !== undefined)
    await writeFileAtomic(options.json, [Buffer.from(`${JSON.stringify(report, null, 2)}\n`)]);
  for (const line of tableLines(report)) say(line);
  if (found.length === 0) return;
  throw new FatalError("SOAK_FAILED", `${found.length} violations`, {
    data: { found },
    hint: `The logs are in ${join(options.dir, "logs")}; the same kills again: --seed ${options.seed}.`,
  });
}

function localnetOptions({ minutes, miners, validators, seed, dir, port }: SoakOptions): LocalnetOptions {
  const rounds = Math.ceil((minutes * 60) / soakProfile.timing.period);
  const unused = { data: undefined, model: undefined, report: undefined, stay: false, dashboardPort: 0 };
  return { ...unused, rounds, miners, validators, adversaries: [], seed, dir, port };
}

async function portLeft(port: number): Promise<string[]> {
  try {
    await requireFreePort(port);
    return [];
  } catch {
    return [`port ${port}`];
  }
}
