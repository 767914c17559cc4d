import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Epoch } from "../protocol/quantities.ts";
import { systemErrorCode, writeFileAtomic } from "../runtime/files.ts";

/** Epochs whose logs stay: a reorganisation may ask for a reveal again, and with it for what it publishes. */
const keptEpochs = 16;
const logFile = /^epoch-(\d+)\.json$/;

/** Evaluation logs of a validator from when it commits to them until they are in the content store, in a folder. */
export class OwnLogs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws as `writeFileAtomic` */
  async write(epoch: Epoch, log: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#pathOf(epoch), [log]);
  }

  /** @throws the platform's error */
  read(epoch: Epoch): Promise<Uint8Array> {
    return readFile(this.#pathOf(epoch));
  }

  /** Removes what is too old at `epoch` for anybody to ask for. @throws the platform's error */
  async forgetBefore(epoch: Epoch): Promise<void> {
    for (const name of await this.#names()) {
      const digits = logFile.exec(name)?.[1];
      if (digits !== undefined && Number(digits) <= epoch - keptEpochs)
        await rm(join(this.#folder, name), { force: true });
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (systemErrorCode(error) === "ENOENT") return [];
      throw error;
    }
  }

  #pathOf(epoch: Epoch): string {
    return join(this.#folder, `epoch-${epoch}.json`);
  }
}
