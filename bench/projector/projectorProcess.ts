/** The projector alone, in a process whose memory is its own: tells its parent when it is synced, and its peak at the end. */
import "../../workers/runtime/smallHeap.ts";
import { join } from "node:path";
import { createPublicClient, http } from "viem";
import { scriptedAddresses as addresses } from "../../test/support/scriptedChain.ts";
import type { ManifestRef } from "../../workers/chain/run.ts";
import { openDataset, openRun } from "../../workers/node/run.ts";
import { Projection } from "../../workers/projector/projection.ts";
import { serveProjector } from "../../workers/projector/projectorServer.ts";
import { ProjectorService } from "../../workers/projector/projectorService.ts";
import { TextService } from "../../workers/projector/text/textService.ts";
import { writeInProcess } from "../../workers/projector/text/writeInProcess.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { inventReports } from "./inventedReports.ts";
import { clock } from "./shape.ts";

export interface ToProjector {
  readonly rpcUrl: string;
  readonly folder: string;
  readonly manifest: ManifestRef;
  /** The dashboard's files, served too. */
  readonly dashboard?: string;
  /** Rounds from 0 on of which workers reported. */
  readonly reportedRounds?: number;
}

export interface FromProjector {
  readonly url: string;
  readonly events: number;
  readonly coldSeconds: number;
  readonly peakBytes: number;
}

const {
  rpcUrl,
  folder,
  manifest,
  dashboard,
  reportedRounds = 0,
}: ToProjector = JSON.parse(process.argv[2] ?? "{}");
const ended = new AbortController();
const { signal } = ended;
const store = await LocalStore.open(join(folder, "content"));
const transport = http(rpcUrl);
const publicClient = createPublicClient({ transport, cacheTime: 0 });
const contracts = { chainId: 31_337, addresses, clock, manifest, deployBlock: 0n, publicClient, transport };
const run = await openRun(contracts, store, signal);
const open = async () => ({ run, dataset: await openDataset(run, signal) });
const projection = new Projection(join(folder, "projection.sqlite"));
const service = new ProjectorService({ open, projection, clock: systemClock, log: silentLog });
const listen = { host: "127.0.0.1", port: 0 };
const text =
  dashboard === undefined
    ? undefined
    : new TextService({
        ...{ folders: [], write: writeInProcess, clock: systemClock, memoryBytes: 1e9, signal },
        store: { folder: join(folder, "content"), ipfsApi: undefined, gateways: [] },
      });
const server = await serveProjector(listen, { service, dashboard, text, log: silentLog, signal });
const peakBytes = () => process.resourceUsage().maxRSS * 1024;
const start = performance.now();
const running = service.run(signal);
const synced = Promise.withResolvers<void>();
service.onChange(() => {
  if (service.status.state === "synced") synced.resolve();
});
await Promise.race([synced.promise, running]);
const coldSeconds = (performance.now() - start) / 1000;
if (reportedRounds > 0) inventReports(projection, reportedRounds);
const url = `http://127.0.0.1:${server.address.port}`;
const tell = () =>
  process.send?.({
    url,
    events: projection.eventCount(),
    coldSeconds,
    peakBytes: peakBytes(),
  } satisfies FromProjector);
tell();
process.once("message", async () => {
  tell();
  ended.abort();
  await server.close();
  await running;
  projection.close();
  process.disconnect();
});
