/** `npm run lab:report`: docs/attacks.md and its charts from docs/figures/attacks.json, or from the files given. */

import { runToExit } from "../../workers/runtime/exit.ts";
import { writeFileAtomic } from "../../workers/runtime/files.ts";
import { readResults } from "../result.ts";
import { barChart } from "./chart.ts";
import { attackDocument } from "./document.ts";
import { damageBound, summarise } from "./summary.ts";

const limits = {
  fastChecks: 0.05,
  audits: 0.05,
  scoring: 0.1,
  operator: 1.1,
  stake: 1.05,
  dividends: 0.8,
} as const;

await runToExit(async () => {
  const [json = "docs/figures/attacks.json", folder = "docs"] = process.argv.slice(2);
  const results = await readResults(json);
  const summaries = summarise(results);
  const rewards = summaries.flatMap(({ attack, rewardPerUid, operatorReward }) => {
    const { bound, name } = attack;
    if (bound === "none") return [];
    const value = bound === "operator" || bound === "stake" ? operatorReward.mean : rewardPerUid.mean;
    return [{ label: name, value, limit: limits[bound] }];
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
