import { closeSync, openSync, readSync } from "node:fs";
import type { MetricRow } from "../../workers/runtime/metrics.ts";

/** Reads the rows that a worker appends to its metrics file. */
export class MetricsTail {
  readonly #path: string;
  #offset = 0;
  /** The beginning of a row whose end is not there yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Rows written since the last call; none while the file is not there. */
  read(): MetricRow[] {
    const bytes = Buffer.concat([this.#rest, this.#appended()]);
    const end = bytes.lastIndexOf("\n") + 1;
    this.#rest = bytes.subarray(end);
    const lines = bytes.toString("utf8", 0, end).split("\n").slice(0, -1);
    return lines.map((line): MetricRow => JSON.parse(line));
  }

  #appended(): Buffer {
    let file: number;
    try {
      file = openSync(this.#path, "r");
    } catch {
      return Buffer.alloc(0);
    }
    try {
      const chunks: Buffer[] = [];
      for (;;) {
        const chunk = Buffer.alloc(1 << 16);
        const count = readSync(file, chunk, 0, chunk.length, this.#offset);
        if (count === 0) return Buffer.concat(chunks);
        chunks.push(chunk.subarray(0, count));
        this.#offset += count;
      }
    } finally {
      closeSync(file);
    }
  }
}
