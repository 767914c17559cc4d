import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Bytes of resident memory of each of the processes that is there. */
export async function residentBytes(pids: readonly number[]): Promise<Map<number, number>> {
  if (pids.length === 0) return new Map();
  const rows = await listed(["-o", "pid=,rss=", "-p", pids.join(",")]);
  return new Map(rows.map(([pid, kilobytes]) => [Number(pid), Number(kilobytes) * 1024]));
}

/** Processes whose command line names `text`, and those of `pids` that still run; without this one. */
export async function processesLeft(text: string, pids: ReadonlySet<number>): Promise<string[]> {
  const rows = await listed(["-A", "-o", "pid=,stat=,args="]);
  return rows
    .filter(([pid, state]) => Number(pid) !== process.pid && !state.startsWith("Z"))
    .map(([pid, , ...words]) => ({ pid: Number(pid), command: words.join(" ") }))
    .filter(({ pid, command }) => pids.has(pid) || (command.includes(text) && !command.startsWith("ps ")))
    .map(({ pid, command }) => `process ${pid}: ${command}`);
}

/** What `ps` prints, by line and word; nothing where none of the processes is there. */
async function listed(args: readonly string[]): Promise<string[][]> {
  try {
    const { stdout } = await run("ps", [...args], { maxBuffer: 1 << 24 });
    const lines = stdout.split("\n").filter((line) => line.trim() !== "");
    return lines.map((line) => line.trim().split(/\s+/));
  } catch (error) {
    // Without a match ps ends with 1 and says nothing.
    if (error instanceof Error && "code" in error && error.code === 1) return [];
    throw error;
  }
}
