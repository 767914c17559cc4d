import { closeSync, openSync, readSync } from "node:fs";
import type { MetricRow } from "../../workers/runtime/metrics.ts";

/** Reads the rows that a worker appends to its metrics file. */
export class MetricsTail {
  readonly #path: string;
  #offset = 0;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** Rows written since the last call; none while the file is not there. */
  read(): MetricRow[] {
    const lines = (this.#rest + this.#appended()).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map((line): MetricRow => JSON.parse(line));
  }

  #appended(): string {
    let file: number;
    try {
      file = openSync(this.#path, "r");
    } catch {
      return "";
    }
    try {
      const chunks: Buffer[] = [];
      for (;;) {
        const chunk = Buffer.alloc(1 << 16);
        const count = readSync(file, chunk, 0, chunk.length, this.#offset);
        if (count === 0) return Buffer.concat(chunks).toString("utf8");
        chunks.push(chunk.subarray(0, count));
        this.#offset += count;
      }
    } finally {
      closeSync(file);
    }
  }
}
