import type { NeuronRow } from "../../../workers/projector/api.ts";
import { count, decimal, percent, printable, short, tokens, weiOf } from "../format.ts";
import { hrefOf } from "../router.ts";
import type { Column } from "../table.ts";
import { penaltyWords } from "../words.ts";

/** The metagraph's columns. */
export const neuronColumns: readonly Column<NeuronRow>[] = [
  {
    key: "uid",
    label: "Uid",
    number: true,
    sortBy: ({ uid }) => uid,
    text: ({ uid }) => String(uid),
    href: ({ neuronId }) => hrefOf({ page: "neuron", neuronId, epoch: undefined }),
  },
  {
    key: "neuron",
    label: "Neuron",
    number: true,
    sortBy: ({ neuronId }) => BigInt(neuronId),
    text: ({ neuronId }) => neuronId,
    href: ({ neuronId }) => hrefOf({ page: "neuron", neuronId, epoch: undefined }),
  },
  {
    key: "name",
    label: "Name",
    sortBy: ({ name }) => name || null,
    text: ({ name }) => printable(name),
  },
  {
    key: "role",
    label: "Role",
    sortBy: (row) => row.role,
    text: (row) => `${row.role}${row.permittedNext && row.role === "miner" ? ", validates next" : ""}`,
  },
  {
    key: "stake",
    label: "Stake",
    number: true,
    sortBy: ({ stake }) => weiOf(stake),
    text: ({ stake }) => tokens(stake),
    title: ({ stake }) => `${stake} WEFT`,
  },
  {
    key: "incentive",
    label: "Incentive",
    number: true,
    sortBy: ({ incentive }) => incentive,
    text: ({ role, incentive }) => (role === "miner" || incentive > 0 ? percent(incentive) : "–"),
  },
  {
    key: "dividend",
    label: "Dividends",
    number: true,
    sortBy: ({ dividend }) => dividend,
    text: ({ role, dividend }) => (role === "validator" || dividend > 0 ? percent(dividend) : "–"),
  },
  {
    key: "score",
    label: "Score",
    number: true,
    sortBy: ({ score }) => score,
    text: ({ score }) => decimal(score, 2),
  },
  {
    key: "earned",
    label: "Earned",
    number: true,
    sortBy: ({ earned }) => weiOf(earned),
    text: ({ earned }) => tokens(earned),
    title: (row) => `${row.earned} WEFT, ${row.claimed} of it claimed`,
  },
  {
    key: "update",
    label: "Last update",
    number: true,
    sortBy: ({ lastUpdate }) => lastUpdate,
    text: ({ lastUpdate }) => (lastUpdate === null ? "–" : count(lastUpdate)),
    href: ({ lastUpdate }) =>
      lastUpdate === null ? undefined : hrefOf({ page: "round", round: lastUpdate }),
  },
  {
    key: "penalties",
    label: "Penalties",
    sortBy: ({ penalties }) => (penalties.length === 0 ? null : penalties.join()),
    text: ({ penalties }) => penaltyWords(penalties),
  },
  {
    key: "hotkey",
    label: "Hotkey",
    sortBy: ({ hotkey }) => hotkey.toLowerCase(),
    text: ({ hotkey }) => short(hotkey),
    title: ({ hotkey }) => hotkey,
  },
  {
    key: "coldkey",
    label: "Coldkey",
    sortBy: ({ coldkey }) => coldkey.toLowerCase(),
    text: ({ coldkey }) => short(coldkey),
    title: ({ coldkey }) => coldkey,
  },
];
