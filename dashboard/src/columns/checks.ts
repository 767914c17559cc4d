import type { UpdateRow } from "../../../workers/projector/api.ts";
import { decimal } from "../format.ts";
import { type LossPair, lossesOf } from "../round.ts";
import { hrefOf } from "../router.ts";
import type { Column } from "../table.ts";
import { penaltyWords } from "../words.ts";

export type Check = UpdateRow["evaluations"][number];

/** What validators reported of an update. */
export const checkColumns: readonly Column<Check>[] = [
  {
    key: "validator",
    label: "Validator",
    number: true,
    sortBy: ({ validator }) => Number(validator),
    text: ({ validator }) => validator,
    href: ({ validator }) => hrefOf({ page: "neuron", neuronId: validator, epoch: undefined }),
  },
  {
    key: "score",
    label: "Score",
    number: true,
    sortBy: ({ score }) => score,
    text: ({ score }) => decimal(score, 2),
  },
  lossColumn("own", "Loss on own text"),
  lossColumn("random", "Loss on random text"),
  {
    key: "penalties",
    label: "Penalties",
    wrap: true,
    sortBy: ({ penalties }) => (penalties.length === 0 ? null : penalties.join()),
    text: ({ penalties }) => (penalties.length === 0 ? "none" : penaltyWords(penalties)),
  },
];

function lossColumn(kind: "own" | "random", label: string): Column<Check> {
  const pair = ({ losses }: Check) => lossesOf(losses)?.[kind];
  const text = ({ before, after }: LossPair) => `${decimal(before)} → ${decimal(after)}`;
  return {
    key: kind,
    label,
    number: true,
    sortBy: (check) => {
      const found = pair(check);
      return found === undefined ? null : found.before - found.after;
    },
    text: (check) => {
      const found = pair(check);
      return found === undefined ? "not measured" : text(found);
    },
  };
}
