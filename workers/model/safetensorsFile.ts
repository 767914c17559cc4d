import { type FileHandle, open } from "node:fs/promises";
import type { TensorSpec } from "../protocol/tensors.ts";
import {
  bytesOf,
  headerLength,
  type NamedValues,
  placeOf,
  readHeader,
  type SafetensorsHeader,
  safetensorsHeader,
} from "./safetensors.ts";

/** Bytes handed to the operating system at a time. */
const SLICE_BYTES = 1 << 26;

/** Writes tensors as one file, slice by slice, and syncs it: nothing is held twice. */
export async function writeSafetensorsFile(
  file: string,
  tensors: readonly NamedValues[],
  signal?: AbortSignal,
): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.appendFile(safetensorsHeader(tensors));
    for (const { values } of tensors) {
      const bytes = bytesOf(values);
      for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
        signal?.throwIfAborted();
        await handle.appendFile(bytes.subarray(at, at + SLICE_BYTES));
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file open for reading single tensors. */
export class SafetensorsFile {
  readonly #handle: FileHandle;
  readonly #header: SafetensorsHeader;

  private constructor(handle: FileHandle, header: SafetensorsHeader) {
    this.#handle = handle;
    this.#header = header;
  }

  /** @throws SafetensorsError; what the file system throws */
  static async open(file: string): Promise<SafetensorsFile> {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const first = await readAt(handle, 0, Math.min(8, size));
      const header = readHeader(await readAt(handle, 0, headerLength(first, size)), size);
      return new SafetensorsFile(handle, header);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** fp32 values of a tensor. @throws SafetensorsError */
  async read(spec: TensorSpec): Promise<Float32Array> {
    const { begin, end, widen } = placeOf(this.#header, spec);
    return widen((await readAt(this.#handle, begin, end - begin)).buffer);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(SLICE_BYTES, length - at), position + at);
    if (bytesRead === 0) return bytes.subarray(0, at).slice();
    at += bytesRead;
  }
  return bytes;
}
