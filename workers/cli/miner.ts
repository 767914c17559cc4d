/** `npm run miner`: trains for a run and earns incentive. */
import { workerMain } from "./main.ts";
import { runMiner } from "./runMiner.ts";
import { workerCommand } from "./workerOptions.ts";

await workerMain(workerCommand("miner", "Trains for a run and earns incentive."), runMiner);
