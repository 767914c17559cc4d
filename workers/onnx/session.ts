import { InferenceSession } from "onnxruntime-node";
import type { Graph } from "./graph.ts";
import { modelBytes } from "./serialize.ts";

export interface SessionOptions {
  /** Threads of one operator, the calling one included. Results do not depend on it. */
  readonly threads: number;
}

/** Loads a graph into onnxruntime on the CPU. Threads sleep between runs, so that several workers share a machine. */
export function openSession(graph: Graph, options: SessionOptions): Promise<InferenceSession> {
  return InferenceSession.create(modelBytes(graph), {
    executionProviders: ["cpu"],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
}
