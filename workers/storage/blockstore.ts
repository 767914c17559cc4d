import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, unlinkSync } from "node:fs";
import { mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import path from "node:path";
import type { CID } from "multiformats/cid";
import * as raw from "multiformats/codecs/raw";
import { syncFolder, systemErrorCode } from "../runtime/files.ts";
import { maxBlockBytes, type VerifiedBlock, verifyBlock } from "./blocks.ts";
import { ContentMissingError, StoreError } from "./errors.ts";
import { FolderSizes } from "./folderSizes.ts";

const temporaryPrefix = ".tmp-";
/** Age, in seconds, from which a temporary file is taken for the leftover of a killed writer. */
const leftoverSeconds = 3600;

/**
 * Verified blocks in a folder that several processes write at once and any of which may be killed at any instruction.
 * A block appears by rename, so a name never shows half a block to a reader; it is checked on every read all the same,
 * and a damaged one counts as absent until a `put` writes over it.
 *
 * Crash order of `put`: unique temporary file, fdatasync, rename, fsync of the folder. After it returns the block
 * survives power loss; before, there is at most a temporary file, which `sweep` removes.
 */
export class FileBlockstore {
  readonly directory: string;
  /** Folders known to exist and to be on disk. */
  private readonly made = new Set<string>();
  private readonly sizes: FolderSizes;

  /** @param directory created on the first `put` */
  constructor(directory: string) {
    this.directory = directory;
    this.sizes = new FolderSizes(directory);
  }

  /**
   * Stores a block unless an intact copy is there.
   * @throws StoreError
   */
  async put(cid: CID, bytes: Uint8Array): Promise<void> {
    verifyBlock(cid, bytes);
    if (await this.holds(cid, bytes)) return;
    const file = this.fileOf(cid);
    const folder = path.dirname(file);
    const temporary = path.join(folder, `${temporaryPrefix}${process.pid}-${randomBytes(8).toString("hex")}`);
    try {
      await this.makeFolder(folder);
      await writeDurably(temporary, bytes);
      await rename(temporary, file);
      await syncFolder(folder);
    } catch (cause) {
      await unlink(temporary).catch(() => {}); // not there, or the folder cannot be written: `sweep` gets it later
      throw storeError(cause, file);
    }
  }

  /**
   * @throws ContentMissingError when there is no such block, or only a damaged one
   * @throws StoreError when the folder cannot be read
   */
  async get(cid: CID, { signal }: { readonly signal: AbortSignal }): Promise<VerifiedBlock> {
    signal.throwIfAborted();
    const bytes = await this.read(cid);
    if (bytes === undefined)
      throw new ContentMissingError("CONTENT_MISSING", `No block ${cid} in ${this.directory}`, {
        data: { cid: cid.toString() },
      });
    return verifyBlock(cid, bytes);
  }

  /** The block as it lies there, unverified, at once; undefined where there is none. @throws StoreError */
  readNow(cid: CID): Uint8Array | undefined {
    return this.#now(cid, (file) => readFileSync(file));
  }

  /** Whether a file of the block is there, intact or not. */
  holdsNow(cid: CID): boolean {
    return existsSync(this.fileOf(cid));
  }

  /** Removes a block at once, if it is there. @throws StoreError */
  removeNow(cid: CID): void {
    this.#now(cid, (file) => unlinkSync(file));
  }

  /** Bytes of all blocks. @throws StoreError when the folder cannot be read */
  async usedBytes(): Promise<number> {
    try {
      return await this.sizes.measure();
    } catch (cause) {
      throw storeError(cause, this.directory);
    }
  }

  /**
   * Removes temporary files that killed writers left, older than an hour by the file system's own clock.
   * Safe beside running writers; a writer that stalls for longer sees its `put` fail and repeats it.
   * @returns how many were removed
   */
  async sweep(): Promise<number> {
    let removed = 0;
    try {
      await mkdir(this.directory, { recursive: true });
      const now = await this.fileSystemTime();
      for (const entry of await readdir(this.directory, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !entry.name.startsWith(temporaryPrefix)) continue;
        const file = path.join(entry.parentPath, entry.name);
        const found = await stat(file).catch(() => undefined); // its writer may just have renamed it
        if (found === undefined || now - found.mtimeMs < leftoverSeconds * 1000) continue;
        removed += await unlink(file).then(
          () => 1,
          () => 0,
        );
      }
    } catch (cause) {
      throw storeError(cause, this.directory);
    }
    return removed;
  }

  /** Whether the stored block equals `bytes`. A damaged one does not, and gets overwritten. */
  private async holds(cid: CID, bytes: Uint8Array): Promise<boolean> {
    const stored = await this.read(cid);
    return stored !== undefined && Buffer.compare(stored, bytes) === 0;
  }

  private async read(cid: CID): Promise<Buffer | undefined> {
    const file = this.fileOf(cid);
    try {
      return await readWhole(file);
    } catch (cause) {
      if (systemErrorCode(cause) === "ENOENT") return undefined;
      throw storeError(cause, file);
    }
  }

  #now<Result>(cid: CID, work: (file: string) => Result): Result | undefined {
    const file = this.fileOf(cid);
    try {
      return work(file);
    } catch (cause) {
      if (systemErrorCode(cause) === "ENOENT") return undefined;
      throw storeError(cause, file);
    }
  }

  /** Two levels, so that a folder stays small: `ab/abcd….raw` or `.pb`. */
  private fileOf(cid: CID): string {
    const name = Buffer.from(cid.multihash.digest).toString("hex");
    return path.join(this.directory, name.slice(0, 2), name + (cid.code === raw.code ? ".raw" : ".pb"));
  }

  private async makeFolder(folder: string): Promise<void> {
    if (this.made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    await syncFolder(this.directory);
    this.made.add(folder);
  }

  private async fileSystemTime(): Promise<number> {
    const probe = path.join(this.directory, `${temporaryPrefix}${randomBytes(8).toString("hex")}`);
    const handle = await open(probe, "wx");
    try {
      return (await handle.stat()).mtimeMs;
    } finally {
      await handle.close();
      await unlink(probe);
    }
  }
}

/** A file in one read, several times as fast as `readFile`; undefined where it is longer than any block: that is damage. */
async function readWhole(file: string): Promise<Buffer | undefined> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    if (size > maxBlockBytes) return undefined;
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let filled = 0; filled < size; ) {
      const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) return bytes.subarray(0, filled); // cut off meanwhile: it will not hash
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, "wx", 0o644);
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

function storeError(cause: unknown, file: string): StoreError {
  const errno = systemErrorCode(cause);
  const details = { data: { file, errno }, cause };
  if (errno === "ENOSPC" || errno === "EDQUOT")
    return new StoreError("STORE_FULL", `No space left for ${file}`, {
      ...details,
      hint: "Free disk space.",
    });
  if (errno !== undefined && ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR"].includes(errno))
    return new StoreError("STORE_UNWRITABLE", `Cannot use ${file} as content store`, {
      ...details,
      hint: "Choose a folder this user can write.",
    });
  return new StoreError("STORE_UNAVAILABLE", `The content store failed at ${file}`, details);
}
