import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FatalError } from "../workers/protocol/errors.ts";
import { attackOf } from "./attacks.ts";
import type { LabOptions } from "./options.ts";
import { type AttackResult, readResults } from "./result.ts";

/** One attack with one seed, and the file that its result is in. */
export interface Job {
  readonly name: string;
  readonly fraction: number;
  readonly seed: number;
  readonly file: string;
}

/** Plays a job into its file. */
export type Play = (job: Job, signal: AbortSignal) => Promise<void>;

const script = fileURLToPath(new URL("one.ts", import.meta.url));

/** Every attack with every seed, seed by seed; `clean` as well where others are compared with it. */
export function jobsOf({ attacks, fraction, seeds, dir }: LabOptions): Job[] {
  const trains = attacks.some((name) => attackOf(name).tier === "training");
  const names = new Set([...(trains ? ["clean"] : []), ...attacks]);
  return Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    [...names].map((name) => {
      const attack = attackOf(name);
      const share = attack.fraction === 0 ? 0 : (fraction ?? attack.fraction);
      return { name, fraction: share, seed, file: join(dir, `${name}-${share}-${seed}.json`) };
    }),
  );
}

/** With what each training run did to the held-out loss, against the clean run of its seed. */
export function withDamage(results: readonly AttackResult[]): AttackResult[] {
  const clean = new Map(
    results.filter(({ name }) => name === "clean").map(({ seed, details }) => [seed, details.heldOutLoss]),
  );
  return results.map((result) => {
    const reference = clean.get(result.seed);
    if (result.tier !== "training" || reference === undefined || result.name === "lossy") return result;
    return { ...result, lossDamage: result.details.heldOutLoss / reference - 1 };
  });
}

/**
 * Plays what is not there yet, `jobs` at a time; results in the order of `all`.
 * A job that fails does not keep the others from being played.
 * @throws FatalError `LAB_RESULT_CORRUPT` before anything is played; the first failure after all were
 */
export async function playAll(
  all: readonly Job[],
  parallel: number,
  say: (line: string) => void,
  signal: AbortSignal,
  play: Play = playInProcess,
): Promise<AttackResult[]> {
  const missing: Job[] = [];
  for (const job of all) {
    if (existsSync(job.file)) await readResults(job.file);
    else missing.push(job);
  }
  say(`${all.length} results, ${all.length - missing.length} of them there already`);
  const total = missing.length;
  const failures: unknown[] = [];
  let done = 0;
  const next = async (): Promise<void> => {
    for (let job = missing.shift(); job !== undefined; job = missing.shift()) {
      signal.throwIfAborted();
      const failure = await play(job, signal).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      done += 1;
      if (failure !== undefined) {
        signal.throwIfAborted();
        failures.push(failure.error);
        say(`${done}/${total} ${job.name} (${job.fraction}, seed ${job.seed}): failed`);
        continue;
      }
      const [{ seconds, rewardPerUid, operatorReward }] = await readResults(job.file);
      const earned = `per uid ${rewardPerUid.toFixed(3)}, operator ${operatorReward.toFixed(3)}`;
      say(`${done}/${total} ${job.name} (${job.fraction}, seed ${job.seed}): ${earned}, ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, next));
  if (failures.length > 0) throw failures[0];
  return withDamage((await Promise.all(all.map(({ file }) => readResults(file)))).flat());
}

/** @throws FatalError `LAB_JOB_FAILED` with what the process said at its end */
async function playInProcess({ name, fraction, seed, file }: Job, signal: AbortSignal): Promise<void> {
  const child = fork(script, [name, `${fraction}`, `${seed}`, file], { silent: true, signal });
  const said: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk.toString()));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  signal.throwIfAborted();
  if (exitCode === 0 && existsSync(file)) return;
  const problem = said.join("").trim();
  throw new FatalError("LAB_JOB_FAILED", `${name} with seed ${seed} ended with ${exitCode}: ${problem}`, {
    data: { name, seed, exitCode },
    hint: `Run it alone: npm run lab -- --attack ${name} --seeds ${seed} --jobs 1.`,
  });
}
