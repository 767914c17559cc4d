import { randomBytes } from "node:crypto";
import { totalmem } from "node:os";
import { type Hex, toHex } from "viem";
import { type OpenRpc, openHttpRpc } from "../chain/endpoint.ts";
import { evaluationBatch } from "../evaluation/evaluationBatch.ts";
import type { Run } from "../node/run.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { type Log, openLog } from "../runtime/log.ts";
import { type Metrics, noMetrics } from "../runtime/metrics.ts";
import { systemFetch } from "../runtime/network.ts";
import { plainSteps, type Steps } from "../runtime/steps.ts";
import type { Fetch } from "../storage/httpBlocks.ts";
import type { Device } from "../training/device.ts";
import { askInProcess, chooseDevice } from "../training/devices.ts";
import { Engine } from "../training/engine.ts";
import { requireMemory } from "../training/memory.ts";
import type { WorkerOptions } from "./workerOptions.ts";

/** What a worker computes with. */
export type WorkerEngine = Pick<Engine, "trainInner" | "sequenceLosses" | "close">;

/** Everything that a worker has from the machine around it, its folder apart. A simulation puts something else in its place. */
export interface Surroundings {
  readonly clock: Clock;
  readonly openRpc: OpenRpc;
  /** Reads content from gateways. */
  readonly fetch: Fetch;
  readonly steps: Steps;
  /** 32 bytes that nobody can guess. */
  readonly randomSalt: () => Hex;
  readonly openLog: (name: string, options: WorkerOptions) => Log;
  /** Told of every database that is opened: the machine closes what a killed process leaves open. */
  readonly onOpen: (database: { close(): void }) => void;
  /** Gets every row besides the worker's own file. */
  readonly metrics: Metrics;
  /** Milliseconds between two looks at the chain; each part's own where absent. */
  readonly pollMs?: number;
  openEngine(
    run: Run,
    options: WorkerOptions,
    log: Log,
    signal: AbortSignal,
  ): Promise<{ readonly engine: WorkerEngine; readonly device: Device }>;
}

/** The machine itself. */
export const machineSurroundings: Surroundings = {
  clock: systemClock,
  openRpc: openHttpRpc,
  fetch: systemFetch,
  steps: plainSteps,
  randomSalt: () => toHex(randomBytes(32)),
  openLog: (name, { logLevel: level }) => openLog({ name, level }),
  onOpen: () => undefined,
  metrics: noMetrics,
  async openEngine({ manifest }, { device, threads }, log, signal) {
    const { model, training, scoring, overlap } = manifest;
    const rows = (training.microBatchSequences ?? training.batchSequences) * model.sequenceLength;
    const chosen = await chooseDevice(device, { rows, dim: model.dim, threads }, askInProcess, signal);
    requireMemory(model, training, chosen.device, totalmem(), overlap);
    log.info("device", { device: chosen.reason });
    const batch = { evaluationBatch: evaluationBatch(scoring) };
    const engine = new Engine({ model, training, threads, ...batch, device: chosen.device });
    return { engine, device: chosen.device };
  },
};
