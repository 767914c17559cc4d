import { attacks } from "../attacks.ts";
import type { AttackResult } from "../result.ts";
import { remarks } from "./remarks.ts";
import { economySize, playingTime, trainingSize } from "./sizes.ts";
import { type AttackSummary, type Spread, summarise, unplayed } from "./summary.ts";

/** Text before the table; `{…}` are filled in. */
const introduction = `# Attacks, and what they earn

Written by \`npm run lab:report\` from [attacks.json](figures/attacks.json), which \`npm run lab -- --json docs/figures/attacks.json\`
writes; both only repeat what is missing. What is modelled and what is not: [ADR 18](adr/0018-laboratory.md).

- Training tier: {training}. The workers' own code on the real contracts.
- Economy tier: {economy}. The workers' own evaluation and rows; losses drawn as the training tier's scatter.
- {time}.
- Reward per uid is relative to the mean honest miner's incentive, from the epoch on in which the attacker begins to cheat; of validators it is dividends per stake relative to honest ones'.
- Last epoch: the same in the last settled epoch alone.
- Operator: everything the operator gets over what one honest miner gets, or over what its stake would get honestly.
- Damage: held-out loss at the end over the clean run's of the same seed, minus 1.
- Rounds to zero: end of the first epoch whose consensus gives the attackers nothing.
- False positives: share of honest (uid, round, validator) in which a validator held something against the miner, failed audits included.
  The short runs end where so small a model hardly learns any more, and an honest update may count as negative; the bound is for \`lossy\`, whose steps are slow enough.

Audits by re-execution ([audits](protocol/audits.md)) look at half of all updates, with the default penalty: a run of a few epochs then sees what the default
5 % do in some dozens of rounds, and a cheat earns until it is first drawn. Attackers name another machine, so that they are compared within the
tolerance; honest miners are compared to the bit. A seed repeats a run to the bit (prevrandao of the simulated chain).

Ranges are the extremes over seeds. "Within bounds" compares means with the numbers asked for: reward per uid at most 0.10, 0.05 where
fast checks or audits catch it; damage at most 2 %; operators of several uids at most 1.1 honest miners; cabals at most 5 % more than their share of
stake; copied weights at most 80 % of honest dividends; at most 1 % of honest pairs penalised.
`;

/** The page: introduction, charts, table, and what does not hold with its reason. */
export function attackDocument(results: readonly AttackResult[]): string {
  const summaries = summarise(results);
  const missing = unplayed(results);
  const facts = {
    training: trainingSize(results),
    economy: economySize(results),
    time: playingTime(results),
  };
  const head = introduction.replaceAll(
    /\{(training|economy|time)\}/g,
    (_, fact: keyof typeof facts) => facts[fact],
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

function range(spread: Spread | undefined): string {
  if (spread === undefined) return "–";
  const { mean, least, most } = spread;
  return least === most ? mean.toFixed(3) : `${mean.toFixed(3)} (${least.toFixed(3)}…${most.toFixed(3)})`;
}

function percent(spread: Spread | undefined): string {
  return spread === undefined ? "–" : `${(100 * spread.mean).toFixed(1)} %`;
}
