import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

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

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Copies the files of the repository; dependencies are linked. Gone with the test. */
  static create(test: TestContext): Checkout {
    const dir = mkdtempSync(join(tmpdir(), "weft-checkout-"));
    test.after(() => rmSync(dir, { recursive: true, force: true }));
    const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: repository });
    for (const file of listed.stdout.toString("utf8").split("\0").filter(Boolean)) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      cpSync(join(repository, file), join(dir, file));
    }
    symlinkSync(join(repository, "node_modules"), join(dir, "node_modules"));
    return new Checkout(dir);
  }

  /** Runs a shell command to its end. */
  run(command: string): Promise<Ran> {
    return new Promise((resolve) => {
      const child = spawn(command, { cwd: this.dir, shell: true, stdio: ["ignore", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.on("close", (code) => resolve({ exitCode: code ?? 1, stdout, stderr }));
    });
  }

  /** Starts a shell command that goes on until the test ends, with all processes it starts. */
  start(command: string, test: TestContext): Running {
    const child = spawn(command, {
      cwd: this.dir,
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const ended = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 1)));
    const stop = async (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // gone already
      }
      return ended;
    };
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
