/** One attack with one seed, in a process of its own: `node lab/one.ts NAME FRACTION SEED FILE`. */
import { runToExit } from "../workers/runtime/exit.ts";
import { watchParent } from "../workers/runtime/parent.ts";
import { installShutdown } from "../workers/runtime/shutdown.ts";
import { playAttack } from "./playAttack.ts";
import { writeResults } from "./result.ts";

await runToExit(async () => {
  const [name, fraction, seed, file] = process.argv.slice(2);
  const shutdown = installShutdown();
  watchParent(shutdown.stop);
  const result = await playAttack(name, Number(fraction), Number(seed), shutdown.signal);
  await writeResults(file, [result]);
});
// Hardhat keeps handles open; everything of ours has been closed by now.
process.exit();
