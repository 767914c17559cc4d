const copies =
  "An update of the round before goes along with this round's, so that some are aggregated before the first settlement. They are found, and paid nothing, from the first settlement on. A copy of which more than 60 % was changed escapes the overlap threshold of 0.4; at 70 and 90 % it is judged negative or fails an audit instead.";
const untilDrawn =
  "What is left is earned until the first audit: half of all updates are looked at here, and an epoch's weights are due before its last round is audited. Afterwards it is paid nothing.";

/** Why an attack pays or damages more than it should, as far as it is understood. Shown only where the figures say so. */
export const remarks: ReadonlyMap<string, string> = new Map([
  ...["copycat", "near-copy-10", "near-copy-30", "near-copy-50", "near-copy-70", "near-copy-90"].map(
    (name): [string, string] => [name, copies],
  ),
  [
    "hit-and-run",
    "A reputation of two epochs lasts until the first audit or the first evaluations that count as negative; incentive is that of the last settlement. Where two of four gathered updates are turned, neither side is a majority and alignment cannot tell; where they are fewer, they are left out.",
  ],
  ["half-work", untilDrawn],
  [
    "stale",
    `In its first round there is no older state and its update is an honest one: an audit finds nothing before the second. ${untilDrawn}`,
  ],
  [
    "wrong-data",
    `Text of another language with the same letters lowers the loss of a model that has just learnt letters, and goes along with the others: it is gathered until the first settlement, and what is learnt from it has to be unlearnt. ${untilDrawn}`,
  ],
  ["slow-poison", untilDrawn],
  ["eval-overfit", untilDrawn],
  ["norm-inflation", untilDrawn],
  [
    "twin",
    "Every copy is found and earns nothing; the first of the twins is an honest miner. Seats are paid 2 to 1 and few miners keep their order over three epochs: the best honest miner of a run gets 1.2 to 1.4 times the mean as well (`bestHonest` in the results). More seeds are needed to tell this from a gain.",
  ],
  [
    "weight-copier-calm",
    "Where a twentieth of the miners changes per epoch, the row of the last settlement is nearly this epoch's: consensus moves slower than it is published. What a copier misses is who came since; with a quarter it earns 0.76. The same rows settled otherwise (epochs of 3 rounds, seed 1, a copier gets 1.17): bonds without penalty 1.01, with a memory four times as long as well 0.96; rows concealed for three epochs more 0.83, with both 0.76. So it takes concealment, another weight ledger with settlements three epochs later.",
  ],
  [
    "lazy-validator-calm",
    "Scores carry over from epoch to epoch: where few miners change, an evaluation that is an epoch old is nearly this epoch's. With a quarter of the miners new it earns 0.74.",
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
