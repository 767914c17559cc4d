import type { Context } from "hono";
import { WeftError } from "../protocol/errors.ts";
import type { ApiError } from "./api.ts";
import { apiError, Refusal } from "./refusal.ts";

const mostKept = 128;

/** Answers as JSON text, made once per state of the run however many ask. */
export class Answers {
  readonly #kept = new Map<string, Promise<string>>();
  #state = "";

  /** @param state changes whenever answers may */
  get(state: string, path: string, make: () => Promise<unknown>): Promise<string> {
    if (state !== this.#state || this.#kept.size >= mostKept) this.#kept.clear();
    this.#state = state;
    const known = this.#kept.get(path);
    if (known !== undefined) return known;
    const made = make().then((answer) => JSON.stringify(answer));
    this.#kept.set(path, made);
    made.catch(() => this.#kept.delete(path));
    return made;
  }
}

/** What a request that failed is told; only what was thrown on purpose is shown. */
export function refuse(context: Context, error: unknown, report: (error: unknown) => void): Response {
  if (error instanceof Refusal) return context.json(apiError(error), error.status);
  if (error instanceof WeftError) return context.json(apiError(error), error.retryable ? 503 : 404);
  report(error);
  const body: ApiError = {
    code: "UNEXPECTED",
    message: "the projector failed to answer",
    hint: "Its log says why.",
  };
  return context.json(body, 500);
}
