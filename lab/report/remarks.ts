const bootstrap =
  "The damage is that of rounds 0 to 5 of 12: before the first settlement the gather set is drawn by lot among all eligible updates. Afterwards the attackers are not gathered.";

/** Why an attack pays or damages more than it should, as far as it is understood. Shown only where the figures say so. */
export const remarks: ReadonlyMap<string, string> = new Map([
  ["noise", bootstrap],
  [
    "zero",
    `${bootstrap} Where half of the gathered updates are zero, the lower median of their norms is, and clipping to it takes every honest update away: the honest are then judged to have done nothing.`,
  ],
  ["zero-then-random", bootstrap],
  ["sign-flip", bootstrap],
  ["copycat", bootstrap],
  ...["10", "30", "50", "70", "90"].map((percent): [string, string] => [
    `near-copy-${percent}`,
    `${bootstrap} A copy of which more than 60 % was changed escapes the overlap threshold of 0.4; at 70 and 90 % it is judged negative instead, and earns nothing either.`,
  ]),
  [
    "hit-and-run",
    "A reputation of two epochs outlasts one epoch of harmful updates: standing falls by half at each evaluation that counts as negative, and incentive is that of the last settlement. Until the next one the attacker stays in the gather set.",
  ],
  [
    "half-work",
    "It does less work and helps less, but it helps; ranks below the honest miners still have seats among seven miners. Only re-execution of the training can tell less work from worse work.",
  ],
  [
    "stale",
    "An update from an older state still points downhill and is judged by that. It ranks below the honest ones, whose seats do not fill the weights of so small a network. Only re-execution can tell.",
  ],
  [
    "wrong-data",
    "Text of another language with the same letters lowers the loss of a model that has just learnt letters. The evidence of own against random text has a memory of twenty evaluations; twelve rounds are too few for it.",
  ],
  [
    "slow-poison",
    "Judged by the loss, the update is an honest one made a little worse: the rest of it earns its rank. Only re-execution can tell.",
  ],
  [
    "eval-overfit",
    "It trains on the sequences that random ones are drawn from, which is real work on the run's text. It gains as much on random text as others do; the evidence of own against random text is too slow for twelve rounds.",
  ],
  [
    "norm-inflation",
    "The update is an honest one: clipping takes the factor away, both where it is evaluated and where it is aggregated. It is paid for work that was done.",
  ],
  [
    "twin",
    "Every copy is found and earns nothing; the first of the twins is an honest miner. Seats are paid 2 to 1 and few miners keep their order over three epochs: the best honest miner of a run gets 1.2 to 1.4 times the mean as well (`bestHonest` in the results). More seeds are needed to tell this from a gain.",
  ],
  [
    "weight-copier",
    "Consensus moves slower than it is published: the row of the last settlement is nearly this epoch's, and consensus clips what one validator measured on its own sample more than what all agreed on. The smaller the sample against the number of miners, the better the copier does.",
  ],
  [
    "lazy-validator",
    "Scores carry over from epoch to epoch: an evaluation that is an epoch old is nearly this epoch's.",
  ],
  [
    "cabal-55",
    "More than kappa of the stake is consensus, by definition: it decides who is paid. The chain cannot tell it from an honest majority.",
  ],
  [
    "lossy",
    "Updates whose gain is close to the round's scatter count as negative now and then; the longer a run stands still, the more of them.",
  ],
]);
