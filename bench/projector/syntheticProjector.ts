import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publishTinyRun } from "../../test/support/tinyRun.ts";
import { canonicalManifest, manifestHash } from "../../workers/protocol/manifest.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import type { FromProjector, ToProjector } from "./projectorProcess.ts";
import type { Shape } from "./shape.ts";

/** A projector of a run that is made up, synced, in a process of its own; its chain is another. */
export interface SyntheticProjector {
  readonly chain: ChildProcess;
  readonly projector: ChildProcess;
  /** What the projector said when it had read everything. */
  readonly synced: FromProjector;
  /** Ends both and removes what they wrote. */
  close(): void;
}

export async function startSynthetic(
  shape: Shape,
  more: Pick<ToProjector, "dashboard" | "reportedRounds"> = {},
): Promise<SyntheticProjector> {
  const folder = mkdtempSync(join(tmpdir(), "weft-bench-"));
  const children: ChildProcess[] = [];
  const start = (script: string, input: object) => {
    const path = fileURLToPath(new URL(`${script}.ts`, import.meta.url));
    const child = fork(path, [JSON.stringify(input)]);
    children.push(child);
    return child;
  };
  const close = () => {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const chain = start("syntheticChain", shape);
    const [rpcUrl] = (await once(chain, "message")) as [string];
    const input: ToProjector = { rpcUrl, folder, manifest: await publish(folder), ...more };
    const projector = start("projectorProcess", input);
    const [synced] = (await once(projector, "message")) as [FromProjector];
    return { chain, projector, synced, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The run's content is a tiny model's. */
async function publish(folder: string): Promise<ToProjector["manifest"]> {
  const { signal } = new AbortController();
  const store = await LocalStore.open(join(folder, "content"));
  const manifest = await publishTinyRun(store, signal);
  const { digest, size } = await store.put(canonicalManifest(manifest), { signal });
  return { hash: manifestHash(manifest), digest, size };
}
