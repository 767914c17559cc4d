import type { NeuronRound } from "../../../workers/projector/api.ts";
import { bytes, count, decimal, percent } from "../format.ts";
import { hrefOf } from "../router.ts";
import type { Column } from "../table.ts";
import { outcomeWords, penaltyWords } from "../words.ts";

/** What became of a miner's rounds. */
export const neuronRoundColumns: readonly Column<NeuronRound>[] = [
  {
    key: "round",
    label: "Round",
    number: true,
    sortBy: ({ round }) => round,
    text: ({ round }) => count(round),
    href: ({ round }) => hrefOf({ page: "round", round }),
  },
  {
    key: "outcome",
    label: "Outcome",
    sortBy: (row) => row.outcome,
    text: (row) => outcomeWords(row.outcome).name,
  },
  {
    key: "attested",
    label: "Attested",
    number: true,
    sortBy: (row) => row.attestedShare,
    text: (row) => percent(row.attestedShare),
  },
  {
    key: "bytes",
    label: "Size",
    number: true,
    sortBy: (row) => row.bytes,
    text: (row) => (row.bytes === null ? "–" : bytes(row.bytes)),
  },
  {
    key: "score",
    label: "Score",
    number: true,
    sortBy: ({ score }) => score,
    text: ({ score }) => decimal(score, 2),
  },
  {
    key: "why",
    label: "Why",
    wrap: true,
    sortBy: (row) => row.penalties.join(),
    text: (row) => penaltyWords(row.penalties) || outcomeWords(row.outcome).meaning,
  },
];
