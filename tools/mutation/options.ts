/** Arguments of `npm run test:mutation`. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { FULL_SAMPLE } from "./report.ts";

export const help = `Mutation testing of the contracts: npm run test:mutation [-- OPTIONS]

  --count N        mutants in all, shared among contracts by size (${FULL_SAMPLE})
  --only CONTRACT  this contract alone; may be given several times
  --resume         keep the results of an earlier run on the same contracts and tests
  --workers N      processes (2 at most unless given)
  --timeout S      seconds after which a mutant counts as killed by timeout (180)
  --json FILE      write all results there
  --report FILE    write the report there, docs/audit/mutation.md for the committed one
  --list           print the sample and run nothing

Exit code 1: a score below 92 %, or a survivor that docs/audit/survivors.json does not explain.`;

export interface Options {
  readonly count: number;
  readonly only: readonly string[];
  readonly resume: boolean;
  readonly workers: number;
  readonly timeoutMs: number;
  readonly json: string | undefined;
  readonly report: string | undefined;
  readonly list: boolean;
}

/** Undefined where only help is asked for. Throws on what it does not know. */
export function readOptions(args: readonly string[], known: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: "string", default: String(FULL_SAMPLE) },
      only: { type: "string", multiple: true, default: [] },
      resume: { type: "boolean", default: false },
      workers: { type: "string", default: String(Math.min(2, availableParallelism())) },
      timeout: { type: "string", default: "180" },
      json: { type: "string" },
      report: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const { only, resume, json, report, list } = values;
  for (const name of only)
    if (!known.includes(name)) throw new Error(`--only ${name}: one of ${known.join(", ")}`);
  const [count, workers] = [positive("count", values.count), positive("workers", values.workers)];
  return {
    count,
    only,
    resume,
    workers,
    timeoutMs: positive("timeout", values.timeout) * 1000,
    json,
    report,
    list,
  };
}

function positive(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} ${text}: a whole number from 1 on`);
  return Number(text);
}
