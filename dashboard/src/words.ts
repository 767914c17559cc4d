/** What became of a miner's round: the short name on screen, and the sentence that explains it. */
export interface Words {
  readonly name: string;
  readonly meaning: string;
}

const outcomes: Readonly<Record<string, Words>> = {
  open: { name: "running", meaning: "The round is not over: nothing is decided yet." },
  absent: { name: "absent", meaning: "It held no uid when the round began." },
  silent: { name: "nothing sent", meaning: "It committed no update. Such a round earns no score." },
  unrevealed: {
    name: "not revealed",
    meaning: "It committed an update and did not reveal it in time. That can be slashed.",
  },
  unattested: {
    name: "not attested",
    meaning: "Validators with more than half of the stake could not fetch and decode the update.",
  },
  ungathered: {
    name: "not gathered",
    meaning: "The update was available, but others had more incentive.",
  },
  gathered: { name: "gathered", meaning: "The update is part of the model." },
  leftOut: {
    name: "left out",
    meaning: "It was gathered, but goes against the others' updates: it is no part of the model.",
  },
};

const penalties: Readonly<Record<string, string>> = {
  copy: "repeats another update",
  missing: "no eligible update",
  invalid: "cannot be decoded, or does not fit the run",
  negative: "makes the model worse",
  brokenState: "does not follow from its worker state of before",
};

/** Words for an outcome; of an unknown one its own name. */
export function outcomeWords(outcome: string): Words {
  return Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : { name: outcome, meaning: "" };
}

export const knownOutcomes: readonly string[] = Object.keys(outcomes);

/** Penalties in words; of unknown ones their names. */
export function penaltyWords(reasons: readonly string[]): string {
  return reasons.map((reason) => (Object.hasOwn(penalties, reason) ? penalties[reason] : reason)).join("; ");
}
