/** What a run needs before its first mutant: sources, linked suites, the unmutated code and the candidates. */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import hre from "hardhat";
import { type CompilerSettings, compile, readProject, type Sources } from "./compiler.ts";
import { link } from "./linking.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { drawn, hashOf } from "./sample.ts";
import type { Target } from "./targets.ts";
import type { TestSettings } from "./testRunner.ts";
import { type Bench, closure } from "./trial.ts";

export interface Prepared {
  readonly sources: Sources;
  /** sha256 of `contracts/`. */
  readonly seed: string;
  /** sha256 of all that decides what comes of a mutant. */
  readonly state: string;
  /** Path of a `Bench` as JSON, for workers. Compiles all that the suites need unless that was done before. */
  readonly benchFile: () => string;
  readonly candidates: readonly Candidates[];
}

export interface Candidates {
  readonly name: string;
  readonly suites: readonly string[];
  /** All mutants of the contract in the order in which they are drawn. */
  readonly mutants: readonly Mutant[];
}

export const FOLDER = "cache/mutation";

/** What the longest test needs; an endless loop meets it after some seconds. */
const GAS_LIMIT = 1_500_000_000;

/** Files of this tool on which a mutant's fate depends; its own change is in its id. */
const deciding = ["compiler", "linking", "targets", "testRunner", "trial"].map(
  (n) => `tools/mutation/${n}.ts`,
);

/** Reads the sources of all targets and their suites, and draws the order of the mutants. */
export function prepare(targets: readonly Target[]): Prepared {
  const files = (patterns: readonly string[]) => patterns.flatMap((pattern) => globSync(pattern).sort());
  const entries = new Set(targets.flatMap(({ paths, suites }) => files([...paths, ...suites])));
  const { sources, trees } = readProject([...entries]);
  const seed = hashOf(readAll(globSync("contracts/**/*.sol")));
  const { settings, fuzz } = configured();
  const state = hashOf({
    ...sources,
    ...readAll(deciding),
    settings: JSON.stringify([settings, fuzz]),
  });
  const candidates = targets.map(({ name, paths, suites }) => ({
    name,
    suites: files(suites),
    mutants: drawn(
      seed,
      files(paths).flatMap((path) => mutantsOf(path, sources[path], trees.get(path)!)),
    ),
  }));

  const benchFile = () => {
    const path = `${FOLDER}/bench-${state.slice(0, 16)}.json`;
    if (existsSync(path)) return path;
    const project = link(sources, trees);
    const artifacts = compile(closure(project.sources, project.deployed), project.deployed, settings);
    const bench: Bench = { project, settings, artifacts, fuzz };
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, JSON.stringify(bench));
    return path;
  };
  return { sources, seed, state, benchFile, candidates };
}

/** Compiler and fuzz settings of `npx hardhat test solidity`, and before these a fast variant. */
function configured(): { settings: CompilerSettings; fuzz: TestSettings[] } {
  const { evmVersion, optimizer, viaIR } = hre.config.solidity.profiles.default.compilers[0].settings;
  const { fuzz, invariant } = hre.config.test.solidity.profiles.default;
  const full = {
    seed: fuzz?.seed,
    runs: fuzz?.runs ?? 256,
    invariantRuns: invariant?.runs ?? 256,
    invariantDepth: invariant?.depth ?? 500,
    gasLimit: GAS_LIMIT,
  };
  const fast = { ...full, runs: 64, invariantRuns: 4, invariantDepth: 32 };
  return { settings: { evmVersion, optimizer, viaIR }, fuzz: [fast, full] };
}

function readAll(paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
}
