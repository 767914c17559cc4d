import { randomBytes } from "node:crypto";
import { access, constants, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FatalError, RetryableError } from "../protocol/errors.ts";

export interface WriteOptions {
  /** Permission bits of the new file; default 0644. */
  readonly mode?: number;
}

/**
 * Writes a whole file or nothing: a temporary file in the same folder, fsync, rename, fsync of the folder. The folder
 * is made when missing. `data` may come in pieces.
 * @throws FatalError FILE_NOT_WRITABLE (permissions, read-only, not a folder); RetryableError DISK_FULL
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string | Iterable<Uint8Array>,
  options: WriteOptions = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await writeAndSync(temporary, data, options.mode ?? 0o644);
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(path, cause);
  }
}

async function writeAndSync(path: string, data: Uint8Array | string | Iterable<Uint8Array>, mode: number) {
  const file = await open(path, "wx", mode);
  try {
    const whole = typeof data === "string" || data instanceof Uint8Array;
    for (const piece of whole ? [data] : data) await file.appendFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * For a command that works for long before it writes: its folder is made, nothing else is touched.
 * @throws FatalError FILE_NOT_WRITABLE where `writeFileAtomic` could not write
 */
export async function requireWritableFile(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await access(dirname(path), constants.W_OK);
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw new Error("a folder");
  } catch (cause) {
    throw new FatalError("FILE_NOT_WRITABLE", `cannot write ${path}`, {
      cause,
      data: { path },
      hint: "Give a file in a folder that you may write to.",
    });
  }
}

/** Makes a rename or a new entry durable: a crash of the machine may forget it without this. Windows cannot open folders and needs it not. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The `code` of a Node system error (ENOENT, EACCES, …), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function fileError(path: string, cause: unknown): Error {
  const reason = systemErrorCode(cause);
  if (reason === "ENOSPC" || reason === "EDQUOT") {
    return new RetryableError("DISK_FULL", `no space left for ${path}`, {
      cause,
      data: { path },
      hint: "Free some disk space, or choose another folder with --dir.",
    });
  }
  return new FatalError("FILE_NOT_WRITABLE", `cannot write ${path} (${reason ?? "unknown reason"})`, {
    cause,
    data: { path, reason },
    hint: "Choose a folder you may write to with --dir, or change its permissions.",
  });
}
