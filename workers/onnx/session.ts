import { InferenceSession } from "onnxruntime-node";
import type { Graph } from "./graph.ts";
import type { Provider } from "./profiles.ts";
import { modelBytes } from "./serialize.ts";

export interface SessionOptions {
  /** Threads of one operator, the calling one included. Results on the CPU do not depend on it. */
  readonly threads: number;
  /** Outputs that stay on the device and go into later runs from there: WebGPU alone can. */
  readonly resident?: readonly string[];
  /** Another provider than the graph was built for: its operators are a subset of what the CPU has. */
  readonly provider?: Provider;
}

/**
 * Loads a graph into onnxruntime, on the provider it was built for. Threads sleep between runs, so that several workers
 * share a machine.
 */
export function openSession(
  graph: Graph,
  { threads, resident = [], provider = graph.profile.provider }: SessionOptions,
): Promise<InferenceSession> {
  return InferenceSession.create(modelBytes(graph), {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    ...(resident.length > 0 ? { preferredOutputLocation: locations(graph, resident) } : {}),
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
}

function locations(graph: Graph, resident: readonly string[]): Record<string, "cpu" | "gpu-buffer"> {
  const stays = new Set(resident);
  return Object.fromEntries(
    graph.outputs.map(({ name }) => [name, stays.has(name) ? ("gpu-buffer" as const) : ("cpu" as const)]),
  );
}
