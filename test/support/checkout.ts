import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { startTied } from "./tied.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** What a command printed, and how it ended. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the working tree that a test may run commands in, as a user would in a fresh clone. */
export class Checkout {
  readonly dir: string;
  readonly #within: readonly string[];

  private constructor(dir: string, within: readonly string[]) {
    this.dir = dir;
    this.#within = within;
  }

  /**
   * Copies the files of the repository; dependencies are linked. Gone with the test. `within` is put before every command:
   * the host to run it on.
   */
  static create(test: Pick<TestContext, "after">, within: readonly string[] = []): Checkout {
    const dir = mkdtempSync(join(tmpdir(), "weft-checkout-"));
    test.after(() => rmSync(dir, { recursive: true, force: true }));
    const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: repository });
    for (const file of listed.stdout.toString("utf8").split("\0").filter(Boolean)) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      cpSync(join(repository, file), join(dir, file));
    }
    symlinkSync(join(repository, "node_modules"), join(dir, "node_modules"));
    return new Checkout(dir, within);
  }

  /** Runs a shell command to its end. */
  async run(command: string, env?: NodeJS.ProcessEnv): Promise<Ran> {
    const tied = startTied([...this.#within, "sh", "-c", command], { cwd: this.dir, env });
    const [exitCode, stdout, stderr] = await Promise.all([tied.ended, text(tied.stdout), text(tied.stderr)]);
    return { exitCode, stdout, stderr };
  }

  /** Starts a shell command that goes on until the test ends, with all processes it starts. */
  start(command: string, test: Pick<TestContext, "after">, env?: NodeJS.ProcessEnv): Running {
    const tied = startTied([...this.#within, "sh", "-c", command], { cwd: this.dir, env });
    let output = "";
    for (const stream of [tied.stdout, tied.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => {
        output += part;
      });
    }
    const { ended, stop } = tied;
    test.after(() => stop("SIGKILL"));
    return { output: () => output, ended, stop };
  }
}

/** A command under way. */
export interface Running {
  /** Everything printed so far. */
  output(): string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  /** Sends a signal to the command and all it started; resolves with the exit code. */
  stop(signal: NodeJS.Signals): Promise<number>;
}

/** Waits until `ready` gives a value; fails after `seconds`. */
export async function eventually<Value>(
  what: string,
  seconds: number,
  ready: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ready();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
