import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readDefaultCorpus } from "../../workers/data/corpus.ts";
import type { Document } from "../../workers/data/documents.ts";

/** Bytes to train on and bytes nobody trains on. */
export interface Text {
  readonly training: Uint8Array;
  readonly heldOut: Uint8Array;
}

/** Most of the default data set that is used: more than the longest configuration reads. */
const TRAINING_BYTES = 6e6;
const HELD_OUT_BYTES = 3e5;

/** The default data set of a run, or a file that `writeText` made of it. */
export async function readText(file: string | undefined): Promise<Text> {
  if (file !== undefined) {
    const bytes = new Uint8Array(readFileSync(file));
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    return { training: bytes.subarray(4, 4 + length), heldOut: bytes.subarray(4 + length) };
  }
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { training, heldOut } = await readDefaultCorpus(root, new AbortController().signal);
  return { training: joined(training, TRAINING_BYTES), heldOut: joined(heldOut, HELD_OUT_BYTES) };
}

export function writeText(file: string, { training, heldOut }: Text): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(training.length);
  writeFileSync(file, Buffer.concat([length, training, heldOut]));
}

function joined(documents: readonly Document[], most: number): Uint8Array {
  return new Uint8Array(
    Buffer.concat(documents.flatMap(({ text }) => [text, Uint8Array.of(0)])).subarray(0, most),
  );
}

/** Sequences of `width` bytes from anywhere in the text, one after the other. */
export function batchOf(
  text: Uint8Array,
  sequences: number,
  width: number,
  random: () => number,
): Int32Array {
  const batch = new Int32Array(sequences * width);
  for (let row = 0; row < sequences; row++) {
    const start = Math.floor(random() * (text.length - width));
    batch.set(text.subarray(start, start + width), row * width);
  }
  return batch;
}
