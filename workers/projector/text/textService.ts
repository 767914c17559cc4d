import { RetryableError } from "../../protocol/errors.ts";
import { parameterCount } from "../../protocol/tensors.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { StoreSettings } from "../../storage/openStore.ts";
import type { ModelsPage, TextEvent, TextRequest } from "../apiText.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { Refusal } from "../refusal.ts";
import type { TextJob, WriteText } from "./textJob.ts";
import { modelRows, writableModels } from "./textModels.ts";
import { textLimits, textRequest } from "./textRequest.ts";

export interface TextOptions {
  /** Where workers save states of the model. */
  readonly folders: readonly string[];
  readonly store: StoreSettings;
  readonly write: WriteText;
  readonly clock: Clock;
  /** Bytes that states may take while they write. */
  readonly memoryBytes: number;
  /** Ends whatever is being written. */
  readonly signal: AbortSignal;
}

/** Longest that a text may take, loading included. */
const longestMs = 60_000;
/** A state as content and as tensors, fp32. */
const bytesPerParameter = 8;

/** Lets the states of a run's model write, one text at a time. */
export class TextService {
  readonly #options: TextOptions;
  #busy = false;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  async models(projected: ProjectedRun): Promise<ModelsPage> {
    return { models: await modelRows(projected, this.#options.folders), limits: textLimits };
  }

  /**
   * Writes what `body` asks for (`TextRequest`), until it is done, the reader is gone (`signal`) or its time is over.
   * @throws Refusal TEXT_MALFORMED, TEXT_BUSY, UNKNOWN_MODEL, MODEL_TOO_LARGE; RetryableError TEXT_TIMEOUT; what `write`
   * throws; the reason of either signal
   */
  async *write(
    projected: ProjectedRun,
    body: unknown,
    signal: AbortSignal,
  ): AsyncGenerator<TextEvent, void, undefined> {
    const request = textRequest(body);
    if (this.#busy)
      throw new Refusal(
        503,
        "TEXT_BUSY",
        "a text is being written for somebody else",
        "Try again in a moment: one is written at a time.",
      );
    this.#busy = true;
    const { clock, write, signal: closing } = this.#options;
    const ended = new AbortController();
    const bounded = AbortSignal.any([signal, closing, ended.signal]);
    clock.sleep(longestMs, bounded).then(
      () => ended.abort(late()),
      () => undefined,
    );
    try {
      yield* write(await this.#job(projected, request), bounded);
    } finally {
      ended.abort();
      this.#busy = false;
    }
  }

  async #job(projected: ProjectedRun, { models: roots, ...request }: TextRequest): Promise<TextJob> {
    const { folders, store, memoryBytes } = this.#options;
    const { run } = projected;
    if (roots.length * bytesPerParameter * parameterCount(run.specs) > memoryBytes)
      throw new Refusal(
        503,
        "MODEL_TOO_LARGE",
        "this machine has too little memory to let the model write",
        "Ask for one model at a time, or use npm run generate elsewhere.",
      );
    const known = new Map((await writableModels(projected, folders)).map((each) => [each.stateRoot, each]));
    const models = roots.map((root) => {
      const model = known.get(root as `0x${string}`);
      if (model !== undefined) return model;
      throw new Refusal(
        404,
        "UNKNOWN_MODEL",
        `no state with the root ${root} can be had here`,
        "GET /api/models lists those that can.",
      );
    });
    return { ...request, models, model: run.manifest.model, store };
  }
}

function late(): RetryableError {
  return new RetryableError("TEXT_TIMEOUT", `the text was not done within ${longestMs / 1000} s`, {
    hint: "Ask for fewer tokens, or again when the machine has less to do.",
  });
}
