/**
 * The projector on a long run that is made up: `npm run bench:projector [-- --json FILE --rounds N]`. Events taken in per
 * second from cold, from JSON-RPC to the database; the process's memory; how long each page takes, by HTTP.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createPublicClient, http } from "viem";
import { publishTinyRun } from "../test/support/tinyRun.ts";
import { DatasetReader } from "../workers/data/datasetReader.ts";
import { openRun, type Run } from "../workers/node/run.ts";
import { Projection } from "../workers/projector/projection.ts";
import { serveProjector } from "../workers/projector/projectorServer.ts";
import { ProjectorService } from "../workers/projector/projectorService.ts";
import { canonicalManifest, manifestHash } from "../workers/protocol/manifest.ts";
import { systemClock } from "../workers/runtime/clock.ts";
import { silentLog } from "../workers/runtime/log.ts";
import { refFromCid } from "../workers/storage/contentRef.ts";
import { LocalStore } from "../workers/storage/localStore.ts";
import { addresses, clock, type Shape } from "./projector/shape.ts";

const validators = 64;
const miners = 192;
const asksPerPage = 40;

const { values } = parseArgs({
  options: { json: { type: "string" }, rounds: { type: "string", default: "2000" } },
});
const shape: Shape = { validators, miners, rounds: Number(values.rounds) };
const folder = mkdtempSync(join(tmpdir(), "weft-bench-"));
const script = fileURLToPath(new URL("projector/syntheticChain.ts", import.meta.url));
const chain = fork(script, [JSON.stringify(shape)]);
const ended = new AbortController();
const projection = new Projection(join(folder, "projection.sqlite"));
try {
  const [rpcUrl] = (await once(chain, "message")) as [string];
  const run = await runOn(rpcUrl);
  const { cid, size } = run.manifest.dataset;
  const open = async (signal: AbortSignal) => ({
    run,
    dataset: await DatasetReader.open(refFromCid(cid, size), run.store, { signal }),
  });
  const service = new ProjectorService({ open, projection, clock: systemClock, log: silentLog });
  const listen = { host: "127.0.0.1", port: 0 };
  const { signal } = ended;
  const server = await serveProjector(listen, { service, dashboard: undefined, log: silentLog, signal });
  let peakBytes = 0;
  const sampler = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 20);
  const start = performance.now();
  const running = service.run(ended.signal);
  const synced = Promise.withResolvers<void>();
  service.onChange(() => {
    if (service.status.state === "synced") synced.resolve();
  });
  await Promise.race([synced.promise, running]);
  const seconds = (performance.now() - start) / 1000;
  const events = projection.eventCount();
  const pages = await timePages(`http://127.0.0.1:${server.address.port}`);
  clearInterval(sampler);
  const result = {
    ...shape,
    events,
    coldSeconds: seconds,
    eventsPerSecond: events / seconds,
    peakResidentMB: peakBytes / 1e6,
    pages,
  };
  print(result);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  ended.abort();
  await server.close();
  await running;
} finally {
  projection.close();
  chain.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** The made up chain's run; its content is a tiny model's. */
async function runOn(rpcUrl: string): Promise<Run> {
  const store = await LocalStore.open(join(folder, "content"));
  const manifest = await publishTinyRun(store, ended.signal);
  const { digest, size } = await store.put(canonicalManifest(manifest), { signal: ended.signal });
  const transport = http(rpcUrl);
  const publicClient = createPublicClient({ transport, cacheTime: 0 });
  const named = { hash: manifestHash(manifest), digest, size };
  const contracts = {
    chainId: 31_337,
    addresses,
    clock,
    manifest: named,
    deployBlock: 0n,
    publicClient,
    transport,
  };
  return openRun(contracts, store, ended.signal);
}

interface PageTime {
  readonly page: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly kilobytes: number;
}

/** Each page of other rounds and neurons every time, so that no answer is one that was kept. */
async function timePages(url: string): Promise<PageTime[]> {
  const { rounds } = shape;
  const epochs = Math.floor(rounds / clock.tempo) - 2;
  const paths: readonly (readonly [string, (index: number) => string])[] = [
    ["network", (index) => `network?${index}`],
    ["rounds", (index) => `rounds?from=${index}&to=${index + 199}`],
    ["all rounds", (index) => `rounds?from=${index}&to=${rounds}`],
    ["round", (index) => `rounds/${rounds - 2 - index}`],
    ["epochs", (index) => `epochs?${index}`],
    ["weights", (index) => `epochs/${epochs - (index % epochs)}/weights`],
    ["neurons", (index) => `neurons?${index}`],
    ["miner", (index) => `neurons/${validators + 1 + index}`],
    ["validator", (index) => `neurons/${1 + index}`],
    ["receipt", (index) => `neurons/${validators + 1 + index}/receipts/${epochs - 1}`],
  ];
  const times: PageTime[] = [];
  for (const [page, pathOf] of paths) {
    const taken: number[] = [];
    let bytes = 0;
    for (let index = 0; index < asksPerPage; index++) {
      const start = performance.now();
      const response = await fetch(`${url}/api/${pathOf(index)}`);
      bytes = (await response.arrayBuffer()).byteLength;
      taken.push(performance.now() - start);
      if (!response.ok) throw new Error(`${pathOf(index)} answers ${response.status}`);
    }
    const sorted = taken.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
    times.push({ page, p50Ms: at(0.5), p95Ms: at(0.95), kilobytes: bytes / 1000 });
  }
  return times;
}

function print({
  pages,
  ...all
}: {
  pages: readonly PageTime[];
  events: number;
  coldSeconds: number;
  eventsPerSecond: number;
  peakResidentMB: number;
}): void {
  console.log(
    `${all.events.toLocaleString("en")} events from cold in ${all.coldSeconds.toFixed(1)} s: ${Math.round(all.eventsPerSecond).toLocaleString("en")} a second; peak resident ${all.peakResidentMB.toFixed(0)} MB`,
  );
  console.table(
    pages.map(({ page, p50Ms, p95Ms, kilobytes }) => ({
      page,
      "p50 ms": p50Ms.toFixed(1),
      "p95 ms": p95Ms.toFixed(1),
      kB: kilobytes.toFixed(1),
    })),
  );
}
