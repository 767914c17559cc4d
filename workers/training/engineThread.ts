import { parentPort, workerData } from "node:worker_threads";
import { Generator } from "../model/generation.ts";
import { failedAllocation } from "../onnx/outOfMemory.ts";
import { DivergedError } from "./engineErrors.ts";
import type { EngineData, EngineReply, EngineRequest } from "./engineMessages.ts";
import { Evaluator } from "./evaluator.ts";
import { openTrainer } from "./openTrainer.ts";

/** Entry of the engine's thread: opens sessions when first needed and works off one request after the other. */
const { model, training, threads, evaluationBatch, device }: EngineData = workerData;

const once = <T>(open: () => Promise<T>) => {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
};
const trainer = once(() => openTrainer(model, training, threads, device));
const evaluator = once(() => Evaluator.open(model, evaluationBatch, threads, device));
const generator = once(() => Generator.open(model, threads));

function reply(message: EngineReply): void {
  parentPort?.postMessage(message);
}

async function work({ id, task, aborted: flag }: EngineRequest): Promise<EngineReply> {
  const aborted = () => Atomics.load(flag, 0) !== 0;
  switch (task.kind) {
    case "train": {
      const onStep = (step: number, loss: number) => reply({ id, kind: "step", step, loss });
      const result = await (await trainer()).train(task, aborted, onStep);
      return result === undefined ? { id, kind: "aborted" } : { id, kind: "trained", result };
    }
    case "evaluate": {
      const losses = await (await evaluator()).losses(task, aborted);
      return losses === undefined ? { id, kind: "aborted" } : { id, kind: "evaluated", losses };
    }
    case "generate": {
      const tokens: number[] = [];
      const { end, ...rest } = task;
      const options = end === undefined ? rest : { ...rest, end };
      for await (const token of (await generator()).continue(task.theta, task.prompt, options)) {
        if (aborted()) return { id, kind: "aborted" };
        tokens.push(token);
      }
      return { id, kind: "generated", tokens: Int32Array.from(tokens) };
    }
  }
}

function failureOf(error: unknown) {
  if (error instanceof DivergedError)
    return { kind: "diverged", step: Number(error.data.step), loss: Number(error.data.loss) } as const;
  const problem = error instanceof Error ? error.message : String(error);
  const allocation = failedAllocation(error);
  if (allocation !== undefined) return { kind: "outOfMemory", ...allocation, problem } as const;
  return { kind: "failed", problem } as const;
}

let queue: Promise<void> = Promise.resolve();
parentPort?.on("message", (request: EngineRequest) => {
  queue = queue.then(async () => {
    try {
      reply(await work(request));
    } catch (error) {
      reply({ id: request.id, ...failureOf(error) });
    }
  });
});
