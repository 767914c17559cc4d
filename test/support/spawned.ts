import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a script of the repository to its end. */
export async function runScript(script: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, WEFT_DEBUG: "" },
  });
  const exitCode = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exitCode: await exitCode, out, err };
}

/** Asserts that a command was refused as a person should see it: the code, what to do, and no trace. */
export function assertRefused(ended: Ended, code: string, exitCode = 1): void {
  const { err } = ended;
  assert.match(err, new RegExp(`^Error: .+ \\[${code}\\]$`, "m"), err);
  assert.match(err, /\[[A-Z_]+\]\n {2}\S/, `${code} says what to do`);
  assert.doesNotMatch(err, /\n\s+at |node:internal/, `${code} shows no trace`);
  assert.equal(ended.exitCode, exitCode, `${code}: ${err}`);
}
