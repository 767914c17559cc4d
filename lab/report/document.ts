import { attacks } from "../attacks.ts";
import { remarks } from "./remarks.ts";
import type { AttackSummary, Spread } from "./summary.ts";

/** Text before the table; `{…}` are filled in. */
const introduction = `# Attacks, and what they earn

Written by \`npm run lab:report\` from [attacks.json](figures/attacks.json), which \`npm run lab -- --json docs/figures/attacks.json\`
writes; both only repeat what is missing. What is modelled and what is not: [ADR 18](adr/0018-laboratory.md).

- Training tier: {training}. The workers' own code on the real contracts.
- Economy tier: {economy}. The workers' own evaluation and rows; losses drawn as the training tier's scatter.
- Reward per uid is relative to the mean honest miner's incentive; of validators it is dividends per stake relative to honest ones'.
- Last epoch: the same in the last settled epoch alone.
- Operator: everything the operator gets over what one honest miner gets, or over what its stake would get honestly.
- Damage: held-out loss at the end over the clean run's of the same seed, minus 1.
- Rounds to zero: end of the first epoch whose consensus gives the attackers nothing.
- False positives: share of honest (uid, round, validator) in which a validator held something against the miner.

The published training runs drew their beacons from block hashes, which hang on when a block is mined: a rerun gives other figures
(\`twin\` with seed 1 again: operator 1.155 instead of 1.885). Since then a seed repeats a run to the bit (prevrandao of the simulated chain). The runs have no
audits by re-execution ([audits](protocol/audits.md)) yet, which look at the training itself and are meant for \`half-work\`, \`wrong-data\` and \`stale\`.

Ranges are the extremes over seeds. "Within bounds" compares means with the numbers asked for: reward per uid at most 0.10, 0.05 where
fast checks catch it; damage at most 2 %; operators of several uids at most 1.1 honest miners; cabals at most 5 % more than their share of
stake; copied weights at most 80 % of honest dividends; at most 1 % of honest pairs penalised.
`;

/** The page: introduction, charts, table, and what does not hold with its reason. */
export function attackDocument(summaries: readonly AttackSummary[], missing: readonly string[]): string {
  const facts = {
    training: sizeOf(summaries, "training"),
    economy: sizeOf(summaries, "economy"),
  };
  const head = introduction.replaceAll(
    /\{(training|economy)\}/g,
    (_, tier: "training" | "economy") => facts[tier],
  );
  const rows = summaries.map((summary) =>
    [
      summary.attack.name,
      summary.fraction.toString(),
      `${summary.seeds}`,
      range(summary.rewardPerUid),
      range(summary.lastEpoch),
      range(summary.rewardPerCompute),
      range(summary.operatorReward),
      percent(summary.lossDamage),
      summary.roundsToZeroWeight === undefined ? "–" : summary.roundsToZeroWeight.mean.toFixed(0),
      percent(summary.honestFalsePositives),
      verdict(summary),
    ].join(" | "),
  );
  return [
    head,
    "![reward per uid](figures/attacks-reward.svg)",
    "",
    "![damage to the held-out loss](figures/attacks-damage.svg)",
    "",
    "| attack | fraction | seeds | per uid | last epoch | per compute | operator | damage | rounds to zero | false positives | within bounds |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
    ...(missing.length === 0 ? [] : [`Not played: ${missing.join(", ")}.`, ""]),
    "`audit-forger` (made-up worker state) joins the table once the runs have audits.",
    "",
    "## What does not hold, and why",
    "",
    ...summaries
      .filter(({ exceeded }) => exceeded.length > 0)
      .map(({ attack, exceeded }) =>
        `- **${attack.name}**: ${exceeded.join("; ")}. ${remarks.get(attack.name) ?? ""}`.trim(),
      ),
    "",
    "## What each does",
    "",
    ...attacks.map(({ name, description }) => `- **${name}**: ${description}`),
    "",
  ].join("\n");
}

function verdict({ attack, exceeded }: AttackSummary): string {
  if (exceeded.length > 0) return "**no**";
  return attack.name === "clean" ? "–" : "yes";
}

/** Sizes that results name in their details, by tier. */
function sizeOf(summaries: readonly AttackSummary[], tier: "training" | "economy"): string {
  const seeds = summaries.filter(({ attack }) => attack.tier === tier).map((summary) => summary.seeds);
  const known = seeds.length === 0 ? "no result" : `${Math.min(...seeds)} to ${Math.max(...seeds)} seeds`;
  return tier === "training"
    ? `7 miners, 2 validators, 12 rounds of 10 inner steps (\`lossy\`: 200 rounds), 27,000 parameters, ${known}`
    : `128 uids, of them 32 validators, 60 epochs, 5 % of miners replaced per epoch, ${known}`;
}

function range(spread: Spread | undefined): string {
  if (spread === undefined) return "–";
  const { mean, least, most } = spread;
  return least === most ? mean.toFixed(3) : `${mean.toFixed(3)} (${least.toFixed(3)}…${most.toFixed(3)})`;
}

function percent(spread: Spread | undefined): string {
  return spread === undefined ? "–" : `${(100 * spread.mean).toFixed(1)} %`;
}
