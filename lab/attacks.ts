import { FatalError } from "../workers/protocol/errors.ts";

/** What an attack claims to be caught by: decides how little it may earn. */
export type Bound = "fastChecks" | "audits" | "scoring" | "operator" | "stake" | "dividends" | "none";

/** One line of the laboratory. */
export interface Attack {
  readonly name: string;
  readonly tier: "training" | "economy";
  readonly description: string;
  /** Share of the miners, or of the stake, unless `--fraction` says otherwise. */
  readonly fraction: number;
  readonly bound: Bound;
}

const miner = (name: string, bound: Bound, description: string, fraction = 0.3): Attack => ({
  name,
  tier: "training",
  description,
  fraction,
  bound,
});
const validator = (name: string, fraction: number, bound: Bound, description: string): Attack => ({
  name,
  tier: "economy",
  description,
  fraction,
  bound,
});

/** Every attack, in the order of the published table. `clean` and `lossy` are no attacks: what others compare with. */
export const attacks: readonly Attack[] = [
  miner("clean", "none", "nobody cheats: the run that others are compared with", 0),
  miner("lossy", "none", "nobody cheats, a tenth of all reads fails, one miner is slow", 0),
  miner("noise", "scoring", "random values of the size that training has"),
  miner("zero", "scoring", "the smallest update there is: values of next to nothing"),
  miner("zero-then-random", "scoring", "next to nothing in one epoch, random values in the next"),
  miner("copycat", "fastChecks", "an update of the round before, as it is"),
  miner("near-copy-10", "fastChecks", "an update of the round before, a tenth of its values changed"),
  miner("near-copy-30", "fastChecks", "an update of the round before, 30 % of its values changed"),
  miner("near-copy-50", "fastChecks", "an update of the round before, half of its values changed"),
  miner("near-copy-70", "fastChecks", "an update of the round before, 70 % of its values changed"),
  miner("near-copy-90", "fastChecks", "an update of the round before, 90 % of its values changed"),
  miner("twin", "operator", "one update under all uids of the operator"),
  miner("half-work", "audits", "a quarter of the inner steps"),
  miner("wrong-data", "audits", "trains on text that it was not assigned"),
  miner("stale", "audits", "trains from the state of three rounds ago"),
  miner("sign-flip", "scoring", "its honest update with all signs turned"),
  miner("norm-inflation", "audits", "its honest update times 100"),
  miner("slow-poison", "audits", "an honest update with a tenth of a fixed harmful direction"),
  miner("late", "fastChecks", "commits after the commit phase"),
  miner("commit-no-reveal", "fastChecks", "commits and never opens"),
  miner("withhold", "fastChecks", "commits, opens and serves nobody"),
  miner("garbage", "fastChecks", "commits bytes that are no update"),
  miner("sybil", "operator", "uids of one operator that take turns at working"),
  miner("hit-and-run", "scoring", "works for two epochs, then sends its update with all signs turned"),
  miner("eval-overfit", "audits", "trains on a few sequences of the evaluated text again and again"),
  miner(
    "audit-forger",
    "fastChecks",
    "the way that all updates have gone so far, and a made-up worker state",
  ),
  validator(
    "weight-copier",
    0.1,
    "dividends",
    "hands in what all agreed on in the last settlement, while a quarter of the miners is new in each epoch",
  ),
  validator(
    "weight-copier-calm",
    0.1,
    "dividends",
    "the same, while a twentieth of the miners is new in each epoch",
  ),
  validator(
    "lazy-validator",
    0.1,
    "dividends",
    "hands in its own evaluation an epoch late, while a quarter of the miners is new in each epoch",
  ),
  validator(
    "lazy-validator-calm",
    0.1,
    "dividends",
    "the same, while a twentieth of the miners is new in each epoch",
  ),
  validator("self-dealer", 0.1, "stake", "gives half of its weight to an idle uid of its own"),
  validator("permit-churn", 0.1, "stake", "holds a permit in every other epoch"),
  ...[0.2, 0.33, 0.45, 0.49, 0.55].map((fraction) =>
    validator(
      `cabal-${Math.round(fraction * 100)}`,
      fraction,
      "stake",
      "validators that give everything to idle uids of their own",
    ),
  ),
];

/** @throws FatalError `UNKNOWN_ATTACK` listing the known ones */
export function attackOf(name: string): Attack {
  const found = attacks.find((attack) => attack.name === name);
  if (found !== undefined) return found;
  const known = attacks.map((attack) => attack.name);
  throw new FatalError("UNKNOWN_ATTACK", `There is no attack called "${name}".`, {
    data: { name, known },
    hint: `Known are: ${known.join(", ")}.`,
  });
}
