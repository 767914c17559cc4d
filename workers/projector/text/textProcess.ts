/**
 * Writes one job's texts in a process of its own: models and native code stay out of the one that serves, and can be ended
 * at any moment. The job comes as a message, everything it says goes to the parent; without a parent it ends.
 */
import { encodeText, textStream } from "../../data/tokenizer.ts";
import { Generator } from "../../model/generation.ts";
import { parameterLayout } from "../../model/layout.ts";
import { onDisk } from "../../node/startStates.ts";
import { fetchState } from "../../node/stateContent.ts";
import { RetryableError, WeftError } from "../../protocol/errors.ts";
import type { Tensors } from "../../protocol/tensors.ts";
import { systemClock } from "../../runtime/clock.ts";
import { silentLog } from "../../runtime/log.ts";
import { systemFetch } from "../../runtime/network.ts";
import { openStore } from "../../storage/openStore.ts";
import { apiError } from "../refusal.ts";
import type { TextJob, TextMessage, WritableModel } from "./textJob.ts";

const bytes = 256;

process.once("disconnect", () => process.exit());
process.once("message", (job: TextJob) => void answer(job));

async function answer(job: TextJob): Promise<void> {
  try {
    for await (const message of written(job)) await say(message);
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    await say({ type: "failed", error: apiError(error), retryable: error.retryable });
  }
  process.disconnect();
}

function say(message: TextMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

/** A token of each model in turn, so that texts grow side by side. */
async function* written(job: TextJob): AsyncGenerator<TextMessage, void, undefined> {
  const { model, prompt, tokens: length, temperature, topP, seed } = job;
  const thetas: Tensors[] = [];
  for (const each of job.models) thetas.push(await stateOf(job, each));
  // Both graphs take θ as input: one pair of sessions serves every model.
  const generator = await Generator.open(model, 1);
  const options = { length, temperature, topP, seed, choices: Math.min(bytes, model.vocab) };
  yield { type: "start" };
  const texts = thetas.map((theta) => ({
    tokens: generator.continue(theta, encodeText(prompt), options),
    decode: textStream(),
  }));
  for (let written = 0; written < length; written++) {
    for (const [index, { tokens, decode }] of texts.entries()) {
      const { value } = await tokens.next();
      const text = value === undefined ? "" : decode(value);
      if (text !== "") yield { type: "text", model: index, text };
    }
  }
  for (const [index, { decode }] of texts.entries()) {
    const text = decode();
    if (text !== "") yield { type: "text", model: index, text };
  }
  yield { type: "end" };
}

/** θ, its root checked. @throws as `fetchState`; RetryableError STATE_GONE */
async function stateOf(job: TextJob, { round, stateRoot, from }: WritableModel): Promise<Tensors> {
  const specs = parameterLayout(job.model);
  if ("ref" in from) {
    const store = await openStore(job.store, { fetch: systemFetch, clock: systemClock });
    const { signal } = new AbortController();
    return (await fetchState({ specs, store }, round, from.ref, stateRoot, signal)).theta;
  }
  const state = await onDisk({ run: { specs }, folder: from.folder, log: silentLog }, round);
  if (state?.root === stateRoot) return state.theta;
  throw new RetryableError("STATE_GONE", `the state of round ${round} is no longer kept, or is damaged`, {
    data: { round, stateRoot },
    hint: "Take a newer one: GET /api/models lists them.",
  });
}
