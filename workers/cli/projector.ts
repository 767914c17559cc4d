/** `npm run projector`: follows a run into a database, and serves the dashboard and its API. */
import "../runtime/smallHeap.ts";
import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { connectRun } from "../chain/connectRun.ts";
import { openDataset, openRun } from "../node/run.ts";
import { Projection } from "../projector/projection.ts";
import { serveProjector } from "../projector/projectorServer.ts";
import { ProjectorService } from "../projector/projectorService.ts";
import { TextService } from "../projector/text/textService.ts";
import { writeInProcess } from "../projector/text/writeInProcess.ts";
import { systemClock } from "../runtime/clock.ts";
import { runToExit } from "../runtime/exit.ts";
import { openLog } from "../runtime/log.ts";
import { systemFetch } from "../runtime/network.ts";
import { watchParent } from "../runtime/parent.ts";
import { installShutdown } from "../runtime/shutdown.ts";
import { openStore } from "../storage/openStore.ts";
import { listenAddress } from "./optionValues.ts";
import { type GivenLocation, locateRun, type RunLocation, runCommand } from "./runOptions.ts";

interface Given extends GivenLocation {
  readonly listen: string;
  readonly folder?: string;
  readonly text?: true | readonly string[];
}

const built = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));

const command = runCommand(
  "projector",
  "Follows a run's events into a database, and serves the dashboard and its API (docs/operators/projector.md). Needs no key.",
)
  .option("--listen <[host:]port>", "where to serve; host 127.0.0.1 by default", "8600")
  .option("--folder <dir>", "folder of its database (default: projector in --dir)")
  .option(
    "--text [workers...]",
    "let readers see what the model writes: the attested checkpoints, and what the workers in these folders saved",
  );

await runToExit(async () => {
  command.parse();
  const given = command.opts<Given>();
  const listen = listenAddress("--listen", given.listen);
  const folder = resolve(given.folder ?? join(given.dir, "projector"));
  const location = await locateRun(given);
  const log = openLog({ name: "projector", level: "info" });
  const shutdown = installShutdown();
  watchParent(shutdown.stop);
  const projection = new Projection(join(folder, "projection.sqlite"));
  try {
    const open = (signal: AbortSignal) => openProjected(location, signal);
    const service = new ProjectorService({ open, projection, clock: systemClock, log });
    const { signal } = shutdown;
    const dashboard = existsSync(built) ? built : undefined;
    if (dashboard === undefined)
      log.warn("the dashboard is not built: the API alone is served", { hint: "npm run dashboard:build" });
    const text = textService(given, location, signal);
    const server = await serveProjector(listen, { service, dashboard, text, log, signal });
    log.info("serving", { url: `http://${server.address.host}:${server.address.port}` });
    try {
      await service.run(signal);
    } finally {
      await server.close();
    }
  } finally {
    projection.close();
    shutdown.dispose();
    if (process.connected) process.disconnect?.();
  }
});

/** Half of the machine's memory is others'. */
const memoryShare = 0.5;

function textService({ text }: Given, { store }: RunLocation, signal: AbortSignal): TextService | undefined {
  if (text === undefined) return undefined;
  const folders = text === true ? [] : text.map((worker) => resolve(worker, "model"));
  const memoryBytes = memoryShare * totalmem();
  return new TextService({ folders, store, write: writeInProcess, clock: systemClock, memoryBytes, signal });
}

async function openProjected({ store: settings, ...location }: RunLocation, signal: AbortSignal) {
  const contracts = await connectRun({ ...location, signal });
  const store = await openStore(settings, { fetch: systemFetch, clock: systemClock });
  const run = await openRun(contracts, store, signal);
  return { run, dataset: await openDataset(run, signal) };
}
