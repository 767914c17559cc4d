import type { NeuronEpoch } from "../../../workers/projector/api.ts";
import { count, percent, tokens, weiOf } from "../format.ts";
import { hrefOf } from "../router.ts";
import type { Column } from "../table.ts";

/** A neuron's stake and rewards by epoch, linked to their receipts. */
export function neuronEpochColumns(neuronId: string): readonly Column<NeuronEpoch>[] {
  return [
    {
      key: "epoch",
      label: "Epoch",
      number: true,
      sortBy: (row) => row.epoch,
      text: (row) => count(row.epoch),
      href: (row) => hrefOf({ page: "neuron", neuronId, epoch: row.epoch }),
    },
    {
      key: "stake",
      label: "Stake",
      number: true,
      sortBy: (row) => weiOf(row.stake),
      text: (row) => tokens(row.stake),
    },
    {
      key: "share",
      label: "Incentive share",
      number: true,
      sortBy: (row) => row.incentiveShare,
      text: (row) => percent(row.incentiveShare),
    },
    {
      key: "incentive",
      label: "Incentive",
      number: true,
      sortBy: (row) => weiOf(row.incentive),
      text: (row) => tokens(row.incentive),
      title: (row) => `${row.incentive} WEFT`,
    },
    {
      key: "dividend",
      label: "Dividends",
      number: true,
      sortBy: (row) => weiOf(row.dividend),
      text: (row) => tokens(row.dividend),
      title: (row) => `${row.dividend} WEFT, ${row.take} of it to the owner`,
    },
    {
      key: "permitted",
      label: "Validated",
      sortBy: (row) => (row.permitted ? 1 : 0),
      text: (row) => (row.permitted ? "yes" : "no"),
    },
  ];
}

/** A validator's weight on a uid beside consensus, both shares of a row. */
export type WeightRow = NonNullable<NeuronEpoch["weights"]>[number];

export const weightColumns: readonly Column<WeightRow>[] = [
  { key: "uid", label: "Uid", number: true, sortBy: (row) => row.uid, text: (row) => String(row.uid) },
  {
    key: "weight",
    label: "Its weight",
    number: true,
    sortBy: (row) => row.weight,
    text: (row) => percent(row.weight),
  },
  {
    key: "consensus",
    label: "Consensus",
    number: true,
    sortBy: (row) => row.consensus,
    text: (row) => percent(row.consensus),
  },
  {
    key: "difference",
    label: "Above consensus",
    number: true,
    sortBy: (row) => row.weight - row.consensus,
    // Shares are rounded: what differs less than they may is equal.
    text: (row) => (row.weight - row.consensus > 1e-6 ? percent(row.weight - row.consensus) : "–"),
  },
];
