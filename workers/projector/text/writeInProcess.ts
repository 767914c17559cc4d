import { fork } from "node:child_process";
import { on } from "node:events";
import { FatalError, RetryableError } from "../../protocol/errors.ts";
import type { TextMessage, WriteText } from "./textJob.ts";

const entry = new URL("./textProcess.ts", import.meta.url);
/** Characters kept of what the process prints, for the reason of a crash. */
const keptOutput = 2_000;

/**
 * Writes in a process for this job alone, killed when nobody wants the text any more.
 * @throws what the process fails with; an Error with what it printed where it ends without a word
 */
export const writeInProcess: WriteText = async function* (job, signal) {
  signal.throwIfAborted();
  const child = fork(entry, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  let printed = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-keptOutput);
  });
  try {
    const messages = on(child, "message", { signal, close: ["disconnect"] });
    child.send(job);
    for await (const [message] of messages as AsyncIterableIterator<[TextMessage]>) {
      if (message.type === "failed") {
        const { code, message: text, hint } = message.error;
        const details = hint === null ? {} : { hint };
        throw message.retryable
          ? new RetryableError(code, text, details)
          : new FatalError(code, text, details);
      }
      yield message;
      if (message.type === "end") return;
    }
    await gone;
    throw new Error(`the process that writes texts ended: ${printed}`);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    child.kill("SIGKILL");
    await gone;
  }
};
