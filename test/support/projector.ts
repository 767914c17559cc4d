import { join } from "node:path";
import { openDataset, type Run } from "../../workers/node/run.ts";
import { Projection } from "../../workers/projector/projection.ts";
import { serveProjector } from "../../workers/projector/projectorServer.ts";
import { ProjectorService } from "../../workers/projector/projectorService.ts";
import { TextService } from "../../workers/projector/text/textService.ts";
import { writeInProcess } from "../../workers/projector/text/writeInProcess.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import type { StoreSettings } from "../../workers/storage/openStore.ts";

export interface StartedProjector {
  /** The dashboard's files. */
  readonly dashboard?: string | undefined;
  /** Lets the model write: where its content is, and folders with saved states. */
  readonly text?: { readonly store: StoreSettings; readonly folders: readonly string[] };
}

/** A projector of a run on a free port, with its database in `folder`. */
export async function startProjector(run: Run, folder: string, { dashboard, text }: StartedProjector = {}) {
  const ended = new AbortController();
  const { signal } = ended;
  const open = async () => ({ run, dataset: await openDataset(run, signal) });
  const projection = new Projection(join(folder, "projection.sqlite"));
  const service = new ProjectorService({ open, projection, clock: systemClock, log: silentLog });
  const listen = { host: "127.0.0.1", port: 0 };
  const writing = { write: writeInProcess, clock: systemClock, memoryBytes: 1e9, signal };
  const server = await serveProjector(listen, {
    ...{ service, dashboard, log: silentLog, signal },
    text: text && new TextService({ ...text, ...writing }),
  });
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
