/** What came of mutants, kept one JSON line each, so that an interrupted run goes on where it stopped. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Outcome } from "./trial.ts";

export interface Result {
  readonly target: string;
  readonly id: string;
  readonly line: number;
  readonly outcome: Outcome;
  readonly by?: string;
  readonly seconds: number;
}

/** Results of one state of contracts and tests: other lines of the file are left alone. */
export class ResultFile {
  private readonly path: string;
  private readonly state: string;

  constructor(path: string, state: string) {
    this.path = path;
    this.state = state;
  }

  read(): Map<string, Result> {
    if (!existsSync(this.path)) return new Map();
    const lines = readFileSync(this.path, "utf8")
      .split("\n")
      .filter((line) => line.endsWith("}"));
    const records: (Result & { state: string })[] = lines.map((line) => JSON.parse(line));
    return new Map(
      records
        .filter(({ state }) => state === this.state)
        .map(({ state: _, ...result }) => [keyOf(result), result]),
    );
  }

  append(result: Result): void {
    mkdirSync(dirname(this.path), { recursive: true });
    appendFileSync(this.path, `${JSON.stringify({ state: this.state, ...result })}\n`);
  }
}

export function keyOf({ target, id }: Pick<Result, "target" | "id">): string {
  return `${target} ${id}`;
}
