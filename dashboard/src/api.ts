import type { ApiError } from "../../workers/projector/api.ts";

/** A request without an answer: the projector's own code, or UNREACHABLE, NOT_JSON. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly code: string;
  readonly hint: string | null;
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;

  constructor({ code, message, hint }: ApiError, status: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
    this.status = status;
  }

  /** Whether asking again may help. */
  get retryable(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
}

export type Fetch = (
  path: string,
  options: FetchOptions,
) => Promise<Pick<Response, "ok" | "status" | "json" | "body">>;

/** Reads one of the paths that workers/projector/api.ts lists. @throws ApiFailure; the signal's reason */
export async function read<Answer>(fetch: Fetch, path: string, signal: AbortSignal): Promise<Answer> {
  const answer = await ask(fetch, path, { signal, headers: { accept: "application/json" } });
  return (await json(answer, signal)) as Answer;
}

/** An answer that is no error. @throws ApiFailure; the signal's reason */
export async function ask(fetch: Fetch, path: string, options: FetchOptions): ReturnType<Fetch> {
  const answer = await fetch(path, options).catch((cause) => {
    options.signal.throwIfAborted();
    throw new ApiFailure(unreachable, 0, { cause });
  });
  if (answer.ok) return answer;
  throw new ApiFailure(errorOf(await json(answer, options.signal), answer.status), answer.status);
}

function json(answer: Awaited<ReturnType<Fetch>>, signal: AbortSignal): Promise<unknown> {
  return answer.json().catch((cause: unknown) => {
    signal.throwIfAborted();
    const message = `${notJson.message} (HTTP ${answer.status})`;
    throw new ApiFailure({ ...notJson, message }, answer.status, { cause });
  });
}

const unreachable: ApiError = {
  code: "UNREACHABLE",
  message: "The projector does not answer.",
  hint: "See that it runs; this page asks again by itself.",
};
const notJson: ApiError = {
  code: "NOT_JSON",
  message: "What answered is not a projector.",
  hint: "Check the address that serves this page.",
};

/** What a body says that should be an `ApiError`. */
export function errorOf(body: unknown, status: number): ApiError {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const { code, message, hint } = fields;
  return {
    code: typeof code === "string" ? code : "HTTP_ERROR",
    message: typeof message === "string" ? message : `The projector answered with HTTP ${status}.`,
    hint: typeof hint === "string" ? hint : null,
  };
}
