/** Hardhat's own runner of Solidity tests, called without Hardhat's build around it. */
import { createRequire } from "node:module";
import { stripVTControlCharacters } from "node:util";
import type { Artifact } from "./compiler.ts";

export interface TestSettings {
  readonly seed?: string;
  readonly runs: number;
  readonly invariantRuns: number;
  readonly invariantDepth: number;
  /** Of one test. */
  readonly gasLimit: number;
}

/** What of the runner's native module is used here. */
interface Edr {
  readonly EdrContext: new () => EdrContext;
  readonly L1_CHAIN_TYPE: string;
  readonly OSAKA: string;
  l1SolidityTestRunnerFactory(): unknown;
  l1GenesisState(hardfork: unknown): unknown;
  l1HardforkFromString(name: string): unknown;
}

interface EdrContext {
  registerSolidityTestRunnerFactory(chain: string, factory: unknown): Promise<void>;
  runSolidityTests(
    chain: string,
    artifacts: readonly object[],
    suites: readonly object[],
    settings: object,
    tracing: object,
    done: (suite: { readonly testResults: readonly TestResult[] }) => void,
  ): Promise<unknown>;
}

interface TestResult {
  readonly name: string;
  readonly status: "Success" | "Failure" | "Skipped";
  readonly reason?: string;
}

const SOLC_VERSION = "0.8.37";

/** The module is Hardhat's dependency, not ours: Hardhat's copy is the one that `hardhat test solidity` runs. */
const edr: Edr = createRequire(import.meta.resolve("hardhat"))("@nomicfoundation/edr");

export class TestRunner {
  private readonly context: EdrContext;

  private constructor(context: EdrContext) {
    this.context = context;
  }

  static async create(): Promise<TestRunner> {
    const context = new edr.EdrContext();
    await context.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory());
    return new TestRunner(context);
  }

  /** The first failing test of `suites`, run one suite after the other, or undefined when all pass. */
  async firstFailure(
    artifacts: readonly Artifact[],
    suites: readonly Artifact[],
    test: TestSettings,
  ): Promise<string | undefined> {
    const all = artifacts.map(toEdr);
    for (const suite of suites) {
      const results = await this.run(all, idOf(suite), test);
      if (results.length === 0) throw new Error(`${suite.name} has no tests`);
      const failed = results.find(({ status }) => status === "Failure");
      if (failed !== undefined)
        return `${suite.name}.${failed.name}: ${stripVTControlCharacters(failed.reason ?? "failed")}`;
    }
    return undefined;
  }

  private async run(
    artifacts: readonly object[],
    suite: object,
    test: TestSettings,
  ): Promise<readonly TestResult[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly TestResult[]>();
    const { seed, runs, invariantRuns, invariantDepth, gasLimit } = test;
    const settings = {
      projectRoot: process.cwd(),
      hardfork: edr.OSAKA,
      localPredeploys: edr.l1GenesisState(edr.l1HardforkFromString(edr.OSAKA)),
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      gasLimit: BigInt(gasLimit),
      fuzz: { runs, seed },
      // Shrinking finds a nicer counterexample, which nobody reads here.
      invariant: { runs: invariantRuns, depth: invariantDepth, failOnRevert: true, shrinkRunLimit: 0 },
    };
    // The callback may come after the run's own promise.
    this.context
      .runSolidityTests(edr.L1_CHAIN_TYPE, artifacts, [suite], settings, { buildInfos: [] }, (done) =>
        resolve(done.testResults),
      )
      .catch(reject);
    return promise;
  }
}

/** Whether a contract is a suite, as Hardhat tells it. */
export function isSuite({ abi }: Artifact): boolean {
  return abi.some(({ type, name }) => type === "function" && /^(test|invariant)/.test(name ?? ""));
}

function idOf({ source, name }: Artifact): object {
  return { source, name, solcVersion: SOLC_VERSION };
}

function toEdr(artifact: Artifact): object {
  const { abi, bytecode, deployedBytecode } = artifact;
  const links = { linkReferences: {}, deployedLinkReferences: {} };
  return { id: idOf(artifact), contract: { abi: JSON.stringify(abi), bytecode, deployedBytecode, ...links } };
}
