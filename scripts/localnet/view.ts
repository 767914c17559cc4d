import { columns, tokens } from "../format.ts";

/** One participant as the table shows it. Amounts in wei. */
export interface ParticipantView {
  readonly uid: number | undefined;
  readonly name: string;
  readonly role: "miner" | "validator" | "delegator";
  readonly stake: bigint;
  /** Stake-weighted mean over validators; undefined before the first score. */
  readonly score: number | undefined;
  /** Share of the last settled epoch's incentive (miners) or dividends (validators), 0 … 1. */
  readonly share: number | undefined;
  readonly earned: bigint;
}

/** The network at one moment. */
export interface NetworkView {
  readonly round: number;
  readonly rounds: number;
  readonly phase: string;
  /** How much of the current round has passed, 0 … 1. */
  readonly roundProgress: number;
  /** Nats per token on held-out text, one per round so far. */
  readonly validationLoss: readonly number[];
  readonly settledEpochs: number;
  readonly participants: readonly ParticipantView[];
}

const barWidth = 24;
const sparks = "▁▂▃▄▅▆▇█";

/** The table, one string per line, without colour codes; folded to `width`. */
export function renderTable(view: NetworkView, width?: number): string[] {
  const done = Math.min(1, (view.round + view.roundProgress) / view.rounds);
  const filled = Math.round(done * barWidth);
  const bar = "█".repeat(filled) + "░".repeat(barWidth - filled);
  const loss = view.validationLoss.at(-1);
  const header = ["uid", "participant", "role", "stake", "score", "share", "earned"];
  const rows = view.participants.map((participant) => [
    participant.uid === undefined ? "–" : String(participant.uid),
    participant.name,
    participant.role,
    tokens(participant.stake),
    participant.score === undefined ? "–" : participant.score.toFixed(2),
    participant.share === undefined ? "–" : `${(participant.share * 100).toFixed(1)} %`,
    tokens(participant.earned),
  ]);
  return [
    `[${bar}] round ${Math.max(0, view.round)} of ${view.rounds} · ${view.phase} · ${view.settledEpochs} epochs settled`,
    `held-out loss ${loss === undefined ? "–" : loss.toFixed(3)} nats per token  ${sparkline(view.validationLoss)}`,
    "",
    ...columns([header, ...rows], [0, 3, 4, 5, 6], width),
  ];
}

/** One line for output that is no terminal. */
export function renderLine(view: NetworkView): string {
  const loss = view.validationLoss.at(-1);
  const earned = view.participants
    .map((participant) => `${participant.name} ${tokens(participant.earned)}`)
    .join(", ");
  return `round ${view.round}/${view.rounds}  held-out loss ${loss === undefined ? "–" : loss.toFixed(3)}  epochs settled ${view.settledEpochs}  earned: ${earned}`;
}

/** The last 40 values as bars between their least and largest. */
function sparkline(values: readonly number[]): string {
  const shown = values.slice(-40);
  const least = Math.min(...shown);
  const span = Math.max(...shown) - least;
  if (shown.length < 2 || span === 0) return "";
  return shown.map((value) => sparks[Math.round(((value - least) / span) * (sparks.length - 1))]).join("");
}
