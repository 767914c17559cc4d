import { join } from "node:path";
import { openDataset, type Run } from "../../workers/node/run.ts";
import { Projection } from "../../workers/projector/projection.ts";
import { serveProjector } from "../../workers/projector/projectorServer.ts";
import { ProjectorService } from "../../workers/projector/projectorService.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";

/** A projector of a run on a free port, with its database in `folder`; serves the dashboard's files where it is given some. */
export async function startProjector(run: Run, folder: string, dashboard?: string) {
  const ended = new AbortController();
  const { signal } = ended;
  const open = async () => ({ run, dataset: await openDataset(run, signal) });
  const projection = new Projection(join(folder, "projection.sqlite"));
  const service = new ProjectorService({ open, projection, clock: systemClock, log: silentLog });
  const listen = { host: "127.0.0.1", port: 0 };
  const server = await serveProjector(listen, { service, dashboard, log: silentLog, signal });
  const running = service.run(signal);
  running.catch(() => undefined);
  const url = new URL(`http://127.0.0.1:${server.address.port}`);
  return {
    url,
    service,
    /** Status and body of an answer; whoever asks says of which type it is. */
    async ask<Body>(path: string, init?: RequestInit) {
      const response = await fetch(new URL(`/api/${path}`, url), init);
      const body = (await response.json()) as Body;
      return { status: response.status, body, headers: response.headers };
    },
    async close(): Promise<void> {
      ended.abort(new Error("closed by the test"));
      await server.close();
      await running;
      projection.close();
    },
  };
}

export type RunningProjector = Awaited<ReturnType<typeof startProjector>>;
