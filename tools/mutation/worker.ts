/** A process that judges mutants one after the other: a compiler and a test runner stay warm, and a hanging one can be ended. */
import { readFileSync } from "node:fs";
import { TestRunner } from "./testRunner.ts";
import { type Bench, firstFailure, judge, type Trial, type Verdict } from "./trial.ts";

/** `check` runs suites on the unmutated contracts. */
export type Request =
  | { readonly kind: "trial"; readonly trial: Trial }
  | { readonly kind: "check"; readonly suites: readonly string[] };
export type Reply = { readonly kind: "ready" } | { readonly kind: "verdict"; readonly verdict: Verdict };

const bench: Bench = JSON.parse(readFileSync(process.argv[2], "utf8"));
const runner = await TestRunner.create();

// The parent decides what an interrupt from the terminal means.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0));
process.on("message", (request: Request) => {
  answer(request).then(
    (verdict) => reply({ kind: "verdict", verdict }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
reply({ kind: "ready" });

async function answer(request: Request): Promise<Verdict> {
  if (request.kind === "trial") return judge(bench, runner, request.trial);
  const by = await firstFailure(runner, bench.artifacts, request.suites, bench.fuzz);
  return by === undefined ? { outcome: "survived" } : { outcome: "killed", by };
}

function reply(message: Reply): void {
  process.send?.(message);
}
