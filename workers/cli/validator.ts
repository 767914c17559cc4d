/** `npm run validator`: scores updates and earns dividends. */
import { workerMain } from "./main.ts";
import { runValidator } from "./runValidator.ts";
import { workerCommand } from "./workerOptions.ts";

await workerMain(workerCommand("validator", "Scores updates and earns dividends."), runValidator);
