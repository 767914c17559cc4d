/** Child process of the journal's crash test: plans updates one after the other and says each once it has returned. */
import { Journal } from "../../workers/database/journal.ts";
import { updatePlan } from "./journalPlans.ts";

const journal = new Journal(process.argv[2], { run: "crash" });
for (let round = 0; ; round++) {
  journal.planUpdate(updatePlan(round));
  process.stdout.write(`${round}\n`);
}
