import type { AttackResult } from "../result.ts";

/** What the results of the training tier were made from, by what they say of themselves. */
export function trainingSize(results: readonly AttackResult[]): string {
  const own = results.filter(({ tier }) => tier === "training");
  const short = own.filter(({ name }) => name !== "lossy");
  const long = own.filter(({ name }) => name === "lossy");
  return [
    `${valuesOf(own, "miners")} miners`,
    `${valuesOf(own, "validators")} validators`,
    `${valuesOf(short, "rounds")} rounds of ${valuesOf(own, "innerSteps")} inner steps (\`lossy\`: ${valuesOf(long, "rounds")} rounds)`,
    `${valuesOf(own, "parameters")} parameters`,
    seedsOf(own),
  ].join(", ");
}

/** The same of the economy tier. */
export function economySize(results: readonly AttackResult[]): string {
  const own = results.filter(({ tier }) => tier === "economy");
  return [
    `${valuesOf(own, "uids")} uids, of them ${valuesOf(own, "validators")} validators`,
    `${valuesOf(own, "epochs")} epochs of ${valuesOf(own, "tempo")} rounds`,
    `a share of ${valuesOf(own, "churn")} of the miners replaced per epoch`,
    seedsOf(own),
  ].join(", ");
}

/** How long all plays took: their sum, and half of it, as two are played at a time. */
export function playingTime(results: readonly AttackResult[]): string {
  const minutes = results.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  return `${results.length} plays of ${Math.round(minutes)} minutes in all, two at a time: ${Math.round(minutes / 2)} minutes`;
}

/** Different values of a detail, ascending. */
function valuesOf(results: readonly AttackResult[], key: string): string {
  const values = new Set(
    results.flatMap(({ details }) => (details[key] === undefined ? [] : [details[key]])),
  );
  if (values.size === 0) return "unknown";
  return [...values]
    .sort((a, b) => a - b)
    .map((value) => value.toLocaleString("en"))
    .join(" or ");
}

function seedsOf(results: readonly AttackResult[]): string {
  const rows = Map.groupBy(results, ({ name, fraction }) => `${name} ${fraction}`);
  const counts = [...rows.values()].map(({ length }) => length);
  if (counts.length === 0) return "no result";
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const range = least === most ? `${most}` : `${least} to ${most}`;
  return `${range} ${most === 1 ? "seed" : "seeds"} a row`;
}
