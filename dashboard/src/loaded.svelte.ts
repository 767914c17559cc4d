import { untrack } from "svelte";
import { ApiFailure, read } from "./api.ts";
import { live } from "./live.svelte.ts";
import { Refresher } from "./refresher.ts";

/** What a path answered last. A failure after an answer leaves the answer in place. */
export class Loaded<Answer> {
  value = $state.raw<Answer | undefined>(undefined);
  failure = $state.raw<ApiFailure | undefined>(undefined);
}

/**
 * Keeps an answer up to date while the component lives: read at once, again whenever the run has moved on, and every five
 * seconds after a failure that may pass. Call while a component is set up.
 * @param path undefined while there is nothing to ask
 * @param isFinal whether an answer will never change: then it is not read again
 */
export function load<Answer>(
  path: () => string | undefined,
  isFinal: (answer: Answer) => boolean = () => false,
): Loaded<Answer> {
  const loaded = new Loaded<Answer>();
  let shown: string | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const refresher = new Refresher<Answer>({
    read: (at, signal) => read(window.fetch.bind(window), at, signal),
    onAnswer(answer) {
      loaded.value = answer;
      loaded.failure = undefined;
    },
    onFailure(error) {
      loaded.failure = error instanceof ApiFailure ? error : unexpected(error);
      if (loaded.failure.retryable && shown !== undefined) {
        const again = shown;
        retry = setTimeout(() => refresher.ask(again), 5000);
      }
    },
  });
  $effect(() => {
    const at = path();
    void live.version;
    clearTimeout(retry);
    if (at !== shown) {
      loaded.value = undefined;
      loaded.failure = undefined;
    }
    shown = at;
    if (at === undefined) refresher.stop();
    else if (!untrack(() => loaded.value !== undefined && isFinal(loaded.value))) refresher.ask(at);
  });
  $effect(() => () => {
    clearTimeout(retry);
    refresher.stop();
  });
  return loaded;
}

function unexpected(cause: unknown): ApiFailure {
  return new ApiFailure({ code: "UNEXPECTED", message: String(cause), hint: null }, 0, { cause });
}
