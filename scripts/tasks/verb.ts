import { createInterface } from "node:readline/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { runToExit } from "../../workers/runtime/exit.ts";
import { type Passphrase, passphraseFrom } from "../../workers/runtime/passphrase.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import { widthOf, wrapped } from "../format.ts";
import { type ConfiguredNetwork, configuredNetwork } from "./configuredNetwork.ts";
import { DryRunEnd } from "./dryRun.ts";

/** Options that every verb has. */
export interface VerbArguments {
  /** Folder of the run's network.json and of the key files. */
  readonly dir: string;
  readonly rpc?: string;
  readonly registry?: string;
  readonly json: boolean;
  /** Of verbs that send transactions. */
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  /** File with the passphrase of the key files; keys that are made then are encrypted. */
  readonly passphraseFile?: string;
}

/** What a verb may use besides its arguments. */
export interface VerbContext {
  /** The network of Hardhat's configuration that was asked for with `--network`. */
  readonly network: ConfiguredNetwork | undefined;
  readonly signal: AbortSignal;
  /** Characters of a line; undefined where the outcome goes to no terminal. */
  readonly width?: number | undefined;
  /** Tells the reader what happens on the way to the outcome. */
  say(line: string): void;
  readonly consent: Consent;
  readonly passphrase: Passphrase;
}

/** What the reader agreed to beforehand, and how to ask for more. */
export interface Consent {
  /** Try, and send nothing. */
  readonly dryRun: boolean;
  /** Whatever it is. */
  readonly yes: boolean;
  /** Puts a question; undefined where nobody is there to answer. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
}

/** What a verb did: lines for people, or values for programs. Amounts in `json` are decimal strings in whole tokens. */
export interface Outcome {
  readonly lines: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

export type Verb<Arguments extends VerbArguments> = (
  args: Arguments,
  context: VerbContext,
) => Promise<Outcome>;

/**
 * A verb as the action of a Hardhat task: prints the outcome on standard output, everything else on standard error, and
 * ends errors here, so that Hardhat prints no trace of its own.
 */
export function verbAction<Arguments extends VerbArguments>(verb: Verb<Arguments>) {
  return (args: Arguments, hre: HardhatRuntimeEnvironment): Promise<void> =>
    runToExit(async () => {
      const shutdown = installShutdown();
      try {
        const width = widthOf(process.stdout);
        const { lines, json } = await outcomeOf(verb, args, {
          width,
          network: configuredNetwork(hre.globalOptions.network, hre.config.networks),
          signal: shutdown.signal,
          say: (line) => void process.stderr.write(`${wrapped(line, widthOf(process.stderr)).join("\n")}\n`),
          passphrase: passphraseFrom(args.passphraseFile, shutdown.signal),
          consent: {
            dryRun: args.dryRun ?? false,
            yes: args.yes ?? false,
            confirm: process.stdin.isTTY ? (question) => ask(question, shutdown.signal) : undefined,
          },
        });
        const text = args.json
          ? JSON.stringify(json, null, 2)
          : lines.flatMap((line) => wrapped(line, width)).join("\n");
        process.stdout.write(`${text}\n`);
      } finally {
        shutdown.dispose();
      }
    });
}

/** The outcome, or what `--dry-run` found in its place. */
async function outcomeOf<Arguments extends VerbArguments>(
  verb: Verb<Arguments>,
  args: Arguments,
  context: VerbContext,
): Promise<Outcome> {
  try {
    return await verb(args, context);
  } catch (error) {
    if (error instanceof DryRunEnd) return error.outcome;
    throw error;
  }
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} Go on? [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
