/**
 * Speed of the content store: `npm run bench:store [-- --json FILE] [--megabytes N]`. Megabytes of content per second, the best
 * and the middle of several runs: durable add and verified read in a folder, read from a gateway on loopback, and both through a Kubo
 * daemon where there is one (`KUBO_BINARY`, or `ipfs` in the path), beside what this machine hashes and writes at best.
 */
import { createCipheriv, createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockServer } from "../test/support/blockServer.ts";
import { findKubo, startKubo } from "../test/support/kuboDaemon.ts";
import { atLeast } from "../workers/cli/commandLine.ts";
import { systemClock } from "../workers/runtime/clock.ts";
import type { ContentRef, ContentStore } from "../workers/storage/contentStore.ts";
import { KuboStore } from "../workers/storage/kuboStore.ts";
import { LocalStore } from "../workers/storage/localStore.ts";
import { openStore } from "../workers/storage/openStore.ts";
import { benchCommand } from "./options.ts";

interface Result {
  what: string;
  bestMBs: number;
  middleMBs: number;
  aimMBs: number | undefined;
}

const runs = 5;
const { signal } = new AbortController();
const flags = benchCommand(
  "store",
  "Speed of the content store, in a folder, from a gateway and through Kubo.",
)
  .option("--megabytes <n>", "of content", atLeast(1), 128)
  .parse()
  .opts<{ readonly megabytes: number; readonly json?: string }>();
const size = flags.megabytes * 1e6;
const folder = mkdtempSync(join(tmpdir(), "weft-bench-store-"));
const network = { fetch, clock: systemClock, stallMs: 15_000, blockMs: 60_000 };
const results: Result[] = [];

/** Content that nothing compresses, another one for every seed. */
function contentOf(seed: number): Uint8Array {
  const key = createHash("sha256").update(`store ${seed}`).digest();
  return createCipheriv("chacha20", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** `work` gets the number of the run, and does each time the same with content that it has not seen. */
async function measure(what: string, aimMBs: number | undefined, work: (run: number) => Promise<unknown>) {
  const speeds: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await work(run);
    speeds.push(size / 1e3 / (performance.now() - start));
  }
  speeds.sort((a, b) => b - a);
  results.push({ what, bestMBs: speeds[0], middleMBs: speeds[runs >> 1], aimMBs });
}

/** Adds and reads in turn, so that both see every content once. */
async function measureStore(name: string, aims: { add: number; read: number }, store: ContentStore) {
  const refs: ContentRef[] = [];
  await measure(`${name}: durable add`, aims.add, async (run) => {
    refs.push(await store.put(contents[run], { signal }));
  });
  await measure(`${name}: verified read`, aims.read, (run) =>
    store.get(refs[run], { maxBytes: size, signal }),
  );
  return refs;
}

async function writePlain(run: number): Promise<void> {
  const handle = await open(join(folder, `plain-${run}`), "w");
  await handle.writeFile(contents[run]);
  await handle.datasync();
  await handle.close();
}

async function benchKubo(): Promise<string> {
  const found = await findKubo();
  if ("missing" in found) return `kubo: not run (${found.missing})`;
  const daemon = await startKubo(found.binary, join(folder, "kubo"));
  try {
    const store = new KuboStore({ ...network, api: daemon.api });
    await measureStore("Kubo on loopback", { add: 80, read: 80 }, store);
  } finally {
    await daemon.stop();
  }
  return "kubo: ran";
}

const contents = Array.from({ length: runs }, (_, run) => contentOf(run));
try {
  await measure("sha2-256 alone", undefined, async (run) =>
    createHash("sha256").update(contents[run]).digest(),
  );
  await measure("one file written and synced", undefined, writePlain);
  const local = join(folder, "local");
  const refs = await measureStore("folder", { add: 150, read: 300 }, await LocalStore.open(local));
  const gateway = await blockServer(
    () => local,
    () => true,
  );
  await measure("gateway on loopback: read into an empty folder", undefined, async (run) => {
    const settings = {
      folder: join(folder, `cache-${run}`),
      ipfsApi: undefined,
      gateways: [`${gateway.url}/a/b`],
    };
    const store = await openStore(settings, { fetch, clock: systemClock });
    await store.get(refs[run], { maxBytes: size, signal });
  });
  gateway.close();
  const kubo = await benchKubo();
  console.table(
    results.map(({ what, bestMBs, middleMBs, aimMBs }) => ({
      what,
      "best MB/s": Math.round(bestMBs),
      "middle MB/s": Math.round(middleMBs),
      "aim MB/s": aimMBs ?? "",
    })),
  );
  console.log(kubo);
  if (flags.json !== undefined)
    writeFileSync(flags.json, `${JSON.stringify({ megabytes: size / 1e6, kubo, results }, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
