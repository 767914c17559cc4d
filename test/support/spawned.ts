import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { startTied } from "./tied.ts";

export interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a script of the repository to its end. */
export async function runScript(script: string, args: readonly string[]): Promise<Ended> {
  const tied = startTied([process.execPath, "--disable-warning=ExperimentalWarning", script, ...args], {
    env: { ...process.env, WEFT_DEBUG: "" },
  });
  const [exitCode, out, err] = await Promise.all([tied.ended, text(tied.stdout), text(tied.stderr)]);
  return { exitCode, out, err };
}

/** Asserts that a command was refused as a person should see it: the code, what to do, and no trace. */
export function assertRefused(ended: Ended, code: string, exitCode = 1): void {
  const { err } = ended;
  assert.match(err, new RegExp(`^Error: .+ \\[${code}\\]$`, "m"), err);
  assert.match(err, /\[[A-Z_]+\]\n {2}\S/, `${code} says what to do`);
  assert.doesNotMatch(err, /\n\s+at |node:internal/, `${code} shows no trace`);
  assert.equal(ended.exitCode, exitCode, `${code}: ${err}`);
}
