import { DeviceRefusedError, type DeviceReport, fastestOf } from "../../workers/training/devices.ts";
import type { CudaLibraries } from "./cudaLibraries.ts";

/** One line of the report. A note is no failure: a machine without a GPU is whole. */
export interface Finding {
  readonly what: string;
  readonly state: "good" | "note" | "bad";
  readonly finding: string;
  /** What to do next. */
  readonly advice?: string;
}

/** What was read off the machine. */
export interface Examined {
  readonly node: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly onnxruntime: string;
  readonly reports: readonly DeviceReport[];
  readonly cuda: CudaLibraries | undefined;
}

const minNode = 24;
/** What `npm start` takes with all its processes. */
const minMemoryBytes = 3e9;

/** What the readings mean. */
export function examine({ node, cores, memoryBytes, onnxruntime, reports, cuda }: Examined): Finding[] {
  const tooOld = Number(node.split(".")[0]) < minNode;
  const tooSmall = memoryBytes < minMemoryBytes;
  const findings: Finding[] = [
    {
      what: "Node",
      state: tooOld ? "bad" : "good",
      finding: node,
      ...(tooOld && {
        advice: `Node ${minNode} or newer is needed: start this through npm run, or install it.`,
      }),
    },
    { what: "cores", state: "good", finding: `${cores}: give a worker of its own --threads ${cores}` },
    {
      what: "memory",
      state: tooSmall ? "bad" : "good",
      finding: `${(memoryBytes / 1e9).toFixed(1)} GB`,
      ...(tooSmall && { advice: "The local network takes 3 GB: run a single worker here instead." }),
    },
    { what: "onnxruntime", state: "good", finding: onnxruntime },
  ];
  for (const { provider, passed, finding } of reports) {
    const advice = passed ? undefined : adviceFor(provider, cuda);
    const state = passed ? "good" : provider === "cpu" ? "bad" : "note";
    findings.push({ what: provider, state, finding, ...(advice !== undefined && { advice }) });
  }
  return [...findings, autoFinding(reports)];
}

function autoFinding(reports: readonly DeviceReport[]): Finding {
  const what = "--device auto";
  try {
    return { what, state: "good", finding: fastestOf(reports).device.provider };
  } catch (error) {
    if (!(error instanceof DeviceRefusedError)) throw error;
    const { hint } = error;
    return { what, state: "bad", finding: "no device passes", ...(hint !== undefined && { advice: hint }) };
  }
}

function adviceFor(provider: string, cuda: CudaLibraries | undefined): string | undefined {
  if (provider === "webgpu")
    return "Needs a GPU with a Vulkan, Metal or Direct3D 12 driver (docs/operators/devices.md).";
  if (provider !== "cuda") return "Install again with npm ci.";
  if (cuda === undefined) return "CUDA is for Linux on x86-64.";
  const steps = [
    ...(cuda.missingProvider.length > 0
      ? [`put ${cuda.missingProvider.join(" and ")} into ${cuda.folder}`]
      : []),
    ...(cuda.missingRuntime.length > 0 ? [`let the loader find ${cuda.missingRuntime.join(", ")}`] : []),
  ];
  if (steps.length === 0) return "All libraries are there: see what the finding says.";
  return `With an NVIDIA GPU: ${steps.join("; ")} (docs/operators/devices.md).`;
}
