/**
 * How fast a late joiner catches up: `npm run bench:join [-- --rounds N] [--miners N] [--latency MS] [--json FILE]`. A run of a million parameters on
 * the real contracts, with invented updates; after N rounds a fresh process reads the chain, fetches all it needs from a gateway on
 * loopback that answers after some milliseconds and works out the current state, by replaying every round and from an attested checkpoint.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { blockServer } from "../test/support/blockServer.ts";
import { atLeast } from "../workers/cli/commandLine.ts";
import { type PublishedRun, publishRun } from "./join/publishedRun.ts";
import { benchCommand } from "./options.ts";

interface Joined {
  readonly root: string;
  readonly from: number;
  readonly seconds: {
    readonly chain: number;
    readonly fetch: number;
    readonly decode: number;
    readonly all: number;
  };
}

const flags = benchCommand("join", "How fast a late joiner of a run of a million parameters catches up.")
  .option("--rounds <n>", "rounds of the run", atLeast(1), 200)
  .option("--miners <n>", "updates of a round", atLeast(1), 4)
  .option("--latency <ms>", "of the gateway, in milliseconds", atLeast(0), 0)
  .parse()
  .opts<{
    readonly rounds: number;
    readonly miners: number;
    readonly latency: number;
    readonly json?: string;
  }>();
const { rounds } = flags;
const aimSeconds = 60;
const dir = mkdtempSync(join(tmpdir(), "weft-bench-join-"));
const { signal } = new AbortController();

/** Joins in a process and folder of its own. `seconds` counts its start too. */
async function joinLate(name: string, published: PublishedRun, gateway: string, upTo?: number) {
  const { contracts } = published.chain;
  const args = [
    published.chain.rpcUrl,
    contracts.addresses.registry,
    gateway,
    join(dir, name),
    String(rounds),
    ...(upTo === undefined ? [] : [String(upTo)]),
  ];
  const start = performance.now();
  const child = spawn(process.execPath, ["bench/join/joiner.ts", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const joined: Joined = JSON.parse(await text(child.stdout));
  const seconds = (performance.now() - start) / 1000;
  if (joined.root !== published.last.root) throw new Error(`${name} came to another root`);
  return { name, from: joined.from, rounds: rounds - joined.from, seconds, parts: joined.seconds };
}

try {
  // One of the last two that the run attests: every sixth round.
  const checkpoint = 6 * Math.floor((rounds - 6) / 6);
  const say = (line: string) => console.error(line);
  const published = await publishRun({ dir, rounds, miners: flags.miners, checkpoint, signal, say });
  const gateway = await blockServer(
    () => published.content,
    () => true,
    flags.latency,
  );
  const url = `${gateway.url}/all/joiner`;
  const results = [await joinLate("replay", published, url, 0)];
  await published.attestCheckpoint(checkpoint);
  results.push(await joinLate("checkpoint", published, url));
  gateway.close();
  await published.close();
  console.log(`${published.parameters} parameters, ${rounds} rounds, ${flags.miners} updates each`);
  console.table(
    results.map(({ name, from, seconds, parts }) => ({
      joins: name,
      "from round": from,
      "seconds in all": Number(seconds.toFixed(1)),
      "chain and manifest": Number(parts.chain.toFixed(1)),
      "fetching updates": Number(parts.fetch.toFixed(1)),
      "decoding them": Number(parts.decode.toFixed(1)),
      aim: aimSeconds,
    })),
  );
  if (flags.json !== undefined) {
    const figures = { parameters: published.parameters, rounds, updates: flags.miners, results };
    writeFileSync(flags.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.exit(0);
