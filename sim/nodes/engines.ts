import type { Surroundings } from "../../workers/cli/surroundings.ts";
import { evaluationBatch } from "../../workers/evaluation/evaluationBatch.ts";
import { cpuDevice } from "../../workers/training/device.ts";
import { Engine } from "../../workers/training/engine.ts";
import type { SimulatedTime } from "../world/simulatedTime.ts";
import { quadraticEngine } from "./quadraticEngine.ts";

/** What the workers of a simulation compute with. */
export interface Engines {
  openerFor(time: SimulatedTime): Surroundings["openEngine"];
  /** Ends what the workers left open: killed ones close nothing. */
  closeAll(): Promise<void>;
}

/** Invented gradients. */
export const syntheticEngines: Engines = {
  openerFor: () => async () => ({ engine: quadraticEngine, device: cpuDevice }),
  closeAll: async () => undefined,
};

/** Real training on the CPU, one engine for all: each would compute the same bits. */
export function trainingEngines(): Engines {
  let shared: Engine | undefined;
  return {
    openerFor:
      (time) =>
      async ({ manifest: { model, training, scoring } }) => {
        shared ??= new Engine({ model, training, threads: 1, evaluationBatch: evaluationBatch(scoring) });
        const engine = shared;
        return {
          engine: {
            trainInner: (phase) => time.track(engine.trainInner(phase)),
            sequenceLosses: (...asked) => time.track(engine.sequenceLosses(...asked)),
            close: async () => undefined,
          },
          device: cpuDevice,
        };
      },
    async closeAll() {
      await shared?.close();
      shared = undefined;
    },
  };
}
