import type { RoundClock } from "../protocol/clock.ts";
import type { MetricRow, Metrics } from "../runtime/metrics.ts";

/** Something that keeps a worker from its work, and what to do about it. */
export interface Problem {
  readonly code: "CHAIN_SILENT" | "BEHIND" | "ROUNDS_LOST";
  readonly text: string;
}

export interface Health {
  readonly status: "starting" | "ok" | "failing";
  /** Round by chain time; null before genesis. */
  readonly round: number | null;
  /** Last round that this worker was done with, well or badly; null before the first. */
  readonly lastRound: number | null;
  readonly secondsSinceBlock: number | null;
  readonly problems: readonly Problem[];
}

/** What the verdict is passed on, at one moment. */
export interface Vitals {
  readonly roundNow: number | undefined;
  readonly secondsSinceBlock: number | undefined;
}

/** Rounds without a result after which a worker counts as stuck, and rounds lost in a row as a failure. */
const patience = 3;
/** Seconds without a block: no chain is as slow. */
const silentSeconds = { least: 60, most: 600 };

/** Follows a worker's metric rows and says whether it does its work. */
export class HealthWatch implements Metrics {
  readonly #silentAfter: number;
  #lastRound: number | undefined;
  #lostInARow = 0;
  #lastCode = "";

  constructor({ period }: Pick<RoundClock, "period">) {
    this.#silentAfter = Math.min(silentSeconds.most, Math.max(silentSeconds.least, 2 * period));
  }

  record(row: MetricRow): void {
    if (row.type === "roundLost") {
      this.#lostInARow += 1;
      this.#lastCode = row.code;
    } else if (row.type === "round") this.#lostInARow = 0;
    // A miner is done with a round by its update or its loss, a validator by the loss it measures in each.
    if (row.type !== "roundLost" && row.type !== "round" && row.type !== "heldOutLoss") return;
    this.#lastRound = Math.max(this.#lastRound ?? 0, row.round);
  }

  health({ roundNow, secondsSinceBlock }: Vitals): Health {
    const problems: Problem[] = [];
    if (secondsSinceBlock !== undefined && secondsSinceBlock > this.#silentAfter) {
      const text = `no new block for ${Math.floor(secondsSinceBlock)} s: check the node, or give --rpc a second URL`;
      problems.push({ code: "CHAIN_SILENT", text });
    }
    const last = this.#lastRound;
    if (last !== undefined && roundNow !== undefined && roundNow - last > patience) {
      const text = `nothing done since round ${last}, it is round ${roundNow}: see the log`;
      problems.push({ code: "BEHIND", text });
    }
    if (this.#lostInARow >= patience) {
      const text = `${this.#lostInARow} rounds lost in a row, the last with ${this.#lastCode}: see the log`;
      problems.push({ code: "ROUNDS_LOST", text });
    }
    const status = problems.length > 0 ? "failing" : last === undefined ? "starting" : "ok";
    return {
      status,
      round: roundNow ?? null,
      lastRound: last ?? null,
      secondsSinceBlock: secondsSinceBlock ?? null,
      problems,
    };
  }
}
