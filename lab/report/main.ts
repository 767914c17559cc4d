/** `npm run lab:report`: docs/attacks.md and its charts from docs/figures/attacks.json, or from the files given. */

import { runToExit } from "../../workers/runtime/exit.ts";
import { writeFileAtomic } from "../../workers/runtime/files.ts";
import { readResults } from "../result.ts";
import { barChart } from "./chart.ts";
import { attackDocument } from "./document.ts";
import { damageBound, rewardBounds, summarise } from "./summary.ts";

await runToExit(async () => {
  const [json = "docs/figures/attacks.json", folder = "docs"] = process.argv.slice(2);
  const results = await readResults(json);
  const summaries = summarise(results);
  const rewards = summaries.flatMap((summary) => {
    const { bound, name } = summary.attack;
    const limit = rewardBounds[bound];
    if (limit === undefined) return [];
    return [{ label: name, value: summary[limit.reward].mean, limit: limit.due + limit.most }];
  });
  const damages = summaries.flatMap(({ attack, lossDamage }) =>
    lossDamage === undefined || attack.name === "clean"
      ? []
      : [{ label: attack.name, value: lossDamage.mean, limit: damageBound }],
  );
  const title = "Reward relative to an honest peer; the mark is the bound";
  await writeFileAtomic(`${folder}/figures/attacks-reward.svg`, barChart(title, rewards, 2));
  const damage = "Held-out loss at the end over the clean run's, minus 1; the mark is the bound";
  await writeFileAtomic(`${folder}/figures/attacks-damage.svg`, barChart(damage, damages, 0.2));
  await writeFileAtomic(`${folder}/attacks.md`, attackDocument(results));
});
