import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { systemErrorCode } from "../runtime/files.ts";

/** Bytes of a folder's files. */
interface MeasuredFolder {
  /** The file system's time of its last change, in milliseconds. */
  readonly changedAt: number;
  /** It was listed again after a while without a change: what changes at the very moment of a listing may not show in its time. */
  readonly isSettled: boolean;
  readonly sizes: ReadonlyMap<string, number>;
  readonly bytes: number;
}

/** Measures folders of files that never change, again and again: a file once, and a folder's list when it has changed. */
export class FolderSizes {
  readonly #directory: string;
  #measured: ReadonlyMap<string, MeasuredFolder> = new Map();

  /** @param directory whose folders hold the files; it may be missing */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Bytes of all files. @throws the platform's error */
  async measure(): Promise<number> {
    const measured = new Map<string, MeasuredFolder>();
    const folders = await this.#folders();
    const changes = await Promise.all(folders.map((name) => stat(path.join(this.#directory, name))));
    for (const [index, name] of folders.entries())
      measured.set(name, await this.#measureFolder(name, changes[index].mtimeMs));
    this.#measured = measured;
    return measured.values().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #folders(): Promise<string[]> {
    try {
      const entries = await readdir(this.#directory, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    } catch (error) {
      if (systemErrorCode(error) === "ENOENT") return [];
      throw error;
    }
  }

  async #measureFolder(name: string, changedAt: number): Promise<MeasuredFolder> {
    const before = this.#measured.get(name);
    const isUnchanged = before?.changedAt === changedAt;
    if (isUnchanged && before.isSettled) return before;
    const folder = path.join(this.#directory, name);
    const sizes = new Map<string, number>();
    const measuring = (await readdir(folder)).map(async (file) => {
      const size = before?.sizes.get(file) ?? (await sizeOf(path.join(folder, file)));
      if (size !== undefined) sizes.set(file, size);
    });
    await Promise.all(measuring);
    const bytes = sizes.values().reduce((sum, size) => sum + size, 0);
    return { changedAt, isSettled: isUnchanged, sizes, bytes };
  }
}

/** Of a file; undefined where it is gone meanwhile. */
async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}
