/** Why an attack pays or damages more than it should, as far as it is understood. Shown only where the figures say so. */
export const remarks: ReadonlyMap<string, string> = new Map([
  [
    "weight-copier",
    "Consensus moves slower than it is published: the row of the last settlement is nearly this epoch's, and what all agreed on is clipped less than what one validator measured on its own sample.",
  ],
  [
    "cabal-55",
    "More than kappa of the stake is consensus, by definition: it decides who is paid. The chain cannot tell it from an honest majority.",
  ],
  [
    "norm-inflation",
    "The update is an honest one: clipping takes the factor away, both where it is evaluated and where it is aggregated. It is paid for work that was done and does no damage.",
  ],
]);
