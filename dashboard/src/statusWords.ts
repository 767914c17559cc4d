import type { Status } from "../../workers/projector/api.ts";

export interface StatusWords {
  readonly text: string;
  /** What is shown is up to date. */
  readonly good: boolean;
  readonly problem: boolean;
}

/** What to make of the figures on the page. `connected` is undefined before the first event or failure. */
export function statusWords(status: Status | undefined, connected: boolean | undefined): StatusWords {
  if (connected === false) {
    const text =
      status === undefined ? "The projector does not answer" : "Connection lost: the figures are of earlier";
    return { text, good: false, problem: true };
  }
  if (status === undefined) return { text: "Connecting", good: false, problem: false };
  const words: Readonly<Record<Status["state"], StatusWords>> = {
    starting: { text: "The projector starts", good: false, problem: false },
    syncing: { text: "Reading the chain: figures are still of earlier rounds", good: false, problem: false },
    synced: { text: "Up to date", good: true, problem: false },
    silent: { text: "The chain is silent: the figures are of earlier", good: false, problem: true },
    reset: { text: "The chain began anew: looking for the run", good: false, problem: true },
  };
  const { text, good, problem } = words[status.state];
  const code = status.problem === null ? "" : ` (${status.problem.code})`;
  return { text: `${text}${code}`, good: good && code === "", problem };
}
