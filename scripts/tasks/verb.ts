import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { runToExit } from "../../workers/runtime/exit.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import { type ConfiguredNetwork, configuredNetwork } from "./configuredNetwork.ts";

/** Options that every verb has. */
export interface VerbArguments {
  /** Folder of the run's network.json and of the key files. */
  readonly dir: string;
  readonly rpc?: string;
  readonly registry?: string;
  readonly json: boolean;
}

/** What a verb may use besides its arguments. */
export interface VerbContext {
  /** The network of Hardhat's configuration that was asked for with `--network`. */
  readonly network: ConfiguredNetwork | undefined;
  readonly signal: AbortSignal;
  /** Tells the reader what happens on the way to the outcome. */
  say(line: string): void;
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
        const { lines, json } = await verb(args, {
          network: configuredNetwork(hre.globalOptions.network, hre.config.networks),
          signal: shutdown.signal,
          say: (line) => void process.stderr.write(`${line}\n`),
        });
        const text = args.json ? JSON.stringify(json, null, 2) : lines.join("\n");
        process.stdout.write(`${text}\n`);
      } finally {
        shutdown.dispose();
      }
    });
}
