import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FatalError } from "../../workers/protocol/errors.ts";
import { systemErrorCode } from "../../workers/runtime/files.ts";

/** Marks a folder as a local network's own, and names the process that uses it. */
const marker = "localnet.json";
/** What a local network writes into its folder, and removes at the next start. */
const contents = ["keys", "content", "workers", "logs", "model", "projector", "network.json"];

/**
 * Takes the folder for this process and clears what an earlier network left in it.
 * @throws FatalError `FOLDER_IN_USE`; `FOLDER_NOT_OURS` for a folder with other files in it, of which nothing is touched
 */
export function takeFolder(dir: string, pid: number): void {
  mkdirSync(dir, { recursive: true });
  const found = readdirSync(dir);
  if (found.length > 0 && !found.includes(marker)) {
    throw new FatalError("FOLDER_NOT_OURS", `${dir} holds files that are not a local network's`, {
      data: { dir },
      hint: "Give an empty or a new folder with --dir.",
    });
  }
  const owner = ownerOf(dir);
  if (owner !== undefined && owner !== pid && isAlive(owner)) {
    throw new FatalError("FOLDER_IN_USE", `${dir} is used by another local network (process ${owner})`, {
      data: { dir, owner },
      hint: "Stop that one, or give another folder with --dir.",
    });
  }
  for (const name of contents) rmSync(join(dir, name), { recursive: true, force: true });
  writeFileSync(join(dir, marker), JSON.stringify({ pid }));
}

/** Gives back a folder that `pid` took; what the network wrote stays for reading. Any other is left as it is. */
export function releaseFolder(dir: string, pid: number): void {
  if (ownerOf(dir) === pid) writeFileSync(join(dir, marker), JSON.stringify({}));
}

function ownerOf(dir: string): number | undefined {
  try {
    const { pid }: { pid?: unknown } = JSON.parse(readFileSync(join(dir, marker), "utf8"));
    return typeof pid === "number" ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and is another user's.
    return systemErrorCode(error) === "EPERM";
  }
}
