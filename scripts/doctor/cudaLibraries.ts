import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

/** Files that onnxruntime-node lacks until the CUDA provider is put beside it. */
const providerFiles = ["libonnxruntime_providers_cuda.so", "libonnxruntime_providers_shared.so"];
/** What the CUDA provider of onnxruntime 1.30 links: CUDA 13's runtime libraries and the driver. */
const runtimeFiles = [
  "libcuda.so.1",
  "libcudart.so.13",
  "libcublas.so.13",
  "libcublasLt.so.13",
  "libcurand.so.10",
];

/** What stands between this machine and the CUDA provider. Both lists empty: nothing. */
export interface CudaLibraries {
  /** Where the provider's files belong. */
  readonly folder: string;
  readonly missingProvider: readonly string[];
  readonly missingRuntime: readonly string[];
}

/** Looks where the loader would: `LD_LIBRARY_PATH` and its cache. Undefined where there is no such provider. */
export async function findCudaLibraries(
  platform: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CudaLibraries | undefined> {
  if (platform !== "linux" || process.arch !== "x64") return undefined;
  const main = createRequire(import.meta.url).resolve("onnxruntime-node");
  const folder = join(dirname(main), "..", "bin", "napi-v6", platform, process.arch);
  const here = await filesIn(folder);
  const known = new Set([...here, ...(await cachedLibraries())]);
  for (const path of (environment.LD_LIBRARY_PATH ?? "").split(delimiter).filter((entry) => entry !== "")) {
    for (const file of await filesIn(path)) known.add(file);
  }
  return {
    folder,
    missingProvider: providerFiles.filter((file) => !here.includes(file)),
    missingRuntime: runtimeFiles.filter((file) => !known.has(file)),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // a path that is not there holds nothing
  }
}

/** Libraries in the loader's cache; none where `ldconfig` cannot be asked. */
async function cachedLibraries(): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)("ldconfig", ["-p"]);
    return [...stdout.matchAll(/^\s*(\S+) \(/gm)].map(([, name]) => name);
  } catch {
    return [];
  }
}
