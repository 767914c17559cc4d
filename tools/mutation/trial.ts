/** One mutant: compile what it changes, run the suites, say what came of it. */
import { type Artifact, CompileError, type CompilerSettings, compile, type Sources } from "./compiler.ts";
import { dependents, type LinkedProject, needed } from "./linking.ts";
import { isSuite, type TestRunner, type TestSettings } from "./testRunner.ts";

/** Everything that trials share. */
export interface Bench {
  readonly project: LinkedProject;
  readonly settings: CompilerSettings;
  /** Of the unmutated sources. */
  readonly artifacts: readonly Artifact[];
  /** Tried in turn, fast ones first: the last decides that a mutant survives. */
  readonly fuzz: readonly TestSettings[];
}

export interface Trial {
  readonly path: string;
  /** The mutated source. */
  readonly text: string;
  /** Files of the suites, in the order in which they run. */
  readonly suites: readonly string[];
}

/**
 * `invalid` does not compile; `equivalent` compiles to the very code of the original. Neither counts. `timeout` is what
 * the parent says of a trial that it ended.
 */
export type Outcome = "killed" | "survived" | "timeout" | "invalid" | "equivalent";

export interface Verdict {
  readonly outcome: Outcome;
  /** The first test that failed and why, or the compiler's message. */
  readonly by?: string;
}

/**
 * Suite by suite: only what a suite runs is compiled, and a suite none of whose code changed is not run. What passes all of
 * them fast meets the ones that changed once more at full length.
 */
export async function judge(
  bench: Bench,
  runner: TestRunner,
  { path, text, suites }: Trial,
): Promise<Verdict> {
  const { project, settings, fuzz } = bench;
  const sources = { ...project.sources, [path]: text };
  const affected = dependents(project.uses, path);
  const artifacts = new Map(bench.artifacts.map((artifact) => [keyOf(artifact), artifact]));
  const compiled = new Set<string>();
  const changed = new Set<string>();
  const [first, ...longer] = fuzz;
  const concerned: string[] = [];
  for (const suite of suites) {
    const files = needed(project, suite).filter((file) => affected.includes(file));
    const fresh = files.filter((file) => !compiled.has(file));
    try {
      for (const one of compile(closure(sources, fresh), fresh, settings)) {
        if (artifacts.get(keyOf(one))?.bytecode !== one.bytecode) changed.add(one.source);
        artifacts.set(keyOf(one), one);
      }
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      return { outcome: "invalid", by: error.message.split("\n")[0] };
    }
    for (const file of fresh) compiled.add(file);
    if (!files.some((file) => changed.has(file))) continue;
    concerned.push(suite);
    const by = await firstFailure(runner, [...artifacts.values()], [suite], [first]);
    if (by !== undefined) return { outcome: "killed", by };
  }
  if (concerned.length === 0) return { outcome: "equivalent" };
  const by = await firstFailure(runner, [...artifacts.values()], concerned, longer);
  return by === undefined ? { outcome: "survived" } : { outcome: "killed", by };
}

/** The first failing test of the files `suites` under each setting in turn. */
export async function firstFailure(
  runner: TestRunner,
  artifacts: readonly Artifact[],
  suites: readonly string[],
  fuzz: readonly TestSettings[],
): Promise<string | undefined> {
  const inOrder = suites.flatMap((file) => artifacts.filter((one) => one.source === file && isSuite(one)));
  for (const settings of fuzz) {
    const failure = await runner.firstFailure(artifacts, inOrder, settings);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** `files` and what they import, directly or not. */
export function closure(sources: Sources, files: readonly string[]): Sources {
  const needed = new Set(files);
  for (const path of needed) for (const other of importsOf(path, sources[path])) needed.add(other);
  return Object.fromEntries([...needed].map((path) => [path, sources[path]]));
}

/** A path in an import that begins with a dot starts from the folder of the importing source. */
function importsOf(path: string, text: string): string[] {
  const statements = text.matchAll(/^\s*import\b[^;]*?"([^"]+)"\s*;/gm);
  return [...statements].map(([, target]) =>
    target.startsWith(".") ? new URL(target, `file:///${path}`).pathname.slice(1) : target,
  );
}

function keyOf({ source, name }: Artifact): string {
  return `${source}:${name}`;
}
