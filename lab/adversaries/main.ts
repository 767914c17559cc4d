/** A miner process with an adversary's policy: `node lab/adversaries/main.ts --adversary NAME` and a miner's options. */
import { workerMain } from "../../workers/cli/main.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { workerCommand } from "../../workers/cli/workerOptions.ts";
import { adversaryNames, adversaryPolicy } from "./registry.ts";

const command = workerCommand(
  "adversary",
  "Runs a miner that cheats, for tests of the scoring.",
).requiredOption("--adversary <name>", `one of: ${adversaryNames().join(", ")}`);

await workerMain(command, (options, signal) =>
  runMiner(options, signal, adversaryPolicy(command.opts<{ adversary: string }>().adversary)),
);
