import { FatalError } from "../protocol/errors.ts";

/** What was given to the engine does not fit the run's model; `data` names what. */
export class EngineInputError extends FatalError {
  constructor(problem: string, data: Readonly<Record<string, unknown>>) {
    super("ENGINE_INPUT", `Training engine: ${problem}`, { data });
  }
}

/** The loss became NaN or infinite; the state after the step is not usable. */
export class DivergedError extends FatalError {
  constructor(step: number, loss: number) {
    super("TRAINING_DIVERGED", `The loss of step ${step} is ${loss}.`, {
      data: { step, loss: String(loss) },
      hint: "Lower the peak learning rate, or start again from the shared parameters with a reset worker state.",
    });
  }
}

/** The engine's thread ended, was closed, or failed inside onnxruntime. */
export class EngineFailedError extends FatalError {
  constructor(problem: string, cause?: unknown) {
    super("ENGINE_FAILED", `Training engine: ${problem}`, { cause });
  }
}
