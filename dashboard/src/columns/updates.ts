import type { RoundPage, UpdateRow } from "../../../workers/projector/api.ts";
import { bytes, decimal, percent } from "../format.ts";
import { loweringOf, medianOf, penaltiesOf } from "../round.ts";
import { hrefOf } from "../router.ts";
import type { Column } from "../table.ts";
import { outcomeWords, penaltyWords } from "../words.ts";

/** A round's updates: what became of each, and why. */
export function updateColumns({ start, copies }: RoundPage): readonly Column<UpdateRow>[] {
  const score = ({ evaluations }: UpdateRow) => medianOf(evaluations.map((found) => found.score));
  const why = (row: UpdateRow) => {
    const original = copies.find(({ uid }) => uid === row.uid);
    const penalties = penaltiesOf(row).filter((reason) => original === undefined || reason !== "copy");
    const found = [...(original === undefined ? [] : [`copies uid ${original.of}`]), penaltyWords(penalties)];
    const named = found.filter((part) => part !== "").join("; ");
    return [outcomeWords(row.outcome).meaning, named === "" ? "" : `Validators: ${named}.`].join(" ").trim();
  };
  return [
    {
      key: "uid",
      label: "Uid",
      number: true,
      sortBy: ({ uid }) => uid,
      text: ({ uid }) => String(uid),
      href: ({ neuronId }) => hrefOf({ page: "neuron", neuronId, epoch: undefined }),
      title: ({ neuronId }) => `neuron ${neuronId}`,
    },
    {
      key: "outcome",
      label: "Outcome",
      sortBy: (row) => row.outcome,
      text: (row) => outcomeWords(row.outcome).name,
    },
    {
      key: "bytes",
      label: "Size",
      number: true,
      sortBy: (row) => row.bytes,
      text: (row) => bytes(row.bytes),
    },
    {
      key: "committed",
      label: "Committed",
      number: true,
      sortBy: (row) => row.committedAt,
      text: (row) => `${row.committedAt - start}\u202fs`,
      title: () => "seconds from the round's start",
    },
    {
      key: "attested",
      label: "Attested",
      number: true,
      sortBy: (row) => row.attestedShare,
      text: (row) => percent(row.attestedShare),
      title: () => "share of permitted stake that holds the update",
    },
    { key: "score", label: "Score", number: true, sortBy: score, text: (row) => decimal(score(row), 2) },
    {
      key: "own",
      label: "Own text",
      number: true,
      sortBy: (row) => loweringOf(row, "own"),
      text: (row) => decimal(loweringOf(row, "own")),
      title: () => "how much it lowers the loss on the miner's own text, nats per token",
    },
    {
      key: "random",
      label: "Random text",
      number: true,
      sortBy: (row) => loweringOf(row, "random"),
      text: (row) => decimal(loweringOf(row, "random")),
      title: () => "how much it lowers the loss on random text, nats per token",
    },
    { key: "why", label: "Why", wrap: true, sortBy: why, text: why },
  ];
}
