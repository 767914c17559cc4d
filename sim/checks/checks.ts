import { firstRoundOf } from "../../workers/protocol/clock.ts";
import type { Round } from "../../workers/protocol/quantities.ts";
import type { RunHistory } from "../../workers/protocol/runHistory.ts";
import type { MetricRow } from "../../workers/runtime/metrics.ts";
import { penalties } from "../nodes/accuser.ts";
import { observerName } from "../nodes/observer.ts";
import type { SimulatedWorker } from "../nodes/simulatedWorker.ts";
import { type Plan, timetable, type Window } from "../plan.ts";
import type { SeedCounts, Violation } from "../report.ts";
import type { World } from "../world/world.ts";
import { Disturbances } from "./disturbances.ts";
import { ledgerProblems } from "./ledger.ts";

export interface ChecksOptions {
  readonly world: World;
  readonly plan: Plan;
  /** When the chain was replaced or stood still, seconds since genesis; grows. */
  readonly chainDisturbed: readonly Window[];
  readonly workers: () => readonly SimulatedWorker[];
  readonly signal: AbortSignal;
}

const { period, revealSeconds, tempo } = timetable;
/** Rounds after which no reorganisation changes a state any more, and every node has noticed the last one. */
const finalRounds = 4;
/** Rounds at the end in which everybody has to do everything. */
const lastRounds = 3;
/** Seconds before a duty's first moment in which nothing may have happened either: what came before has to be made up for. */
const leadSeconds = 60;

/** What must hold after every round of a simulation, and at its end. */
export class Checks {
  readonly violations: Violation[] = [];
  readonly #options: ChecksOptions;
  readonly #disturbances: Disturbances;
  /** By node and round: what it said last. */
  readonly #roots = new Map<string, Map<Round, string>>();
  readonly #counts = { revealed: 0, expected: 0 };
  /** By neuron, fault and period, so that one that a reorganisation brings again counts once. */
  readonly #penalties = new Set<string>();
  #round: Round = 0;

  constructor(options: ChecksOptions) {
    this.#options = options;
    this.#disturbances = new Disturbances(options.plan, options.chainDisturbed, options.world.genesis);
  }

  record(node: string, row: MetricRow): void {
    if (row.type !== "state") return;
    const roots = this.#roots.get(node) ?? new Map<Round, string>();
    this.#roots.set(node, roots.set(row.round, row.root));
  }

  /**
   * A node begins anew, perhaps after a reorganisation that it was off for and from a later state: what it said of the last
   * rounds it may never say again.
   */
  started(node: string): void {
    const roots = this.#roots.get(node);
    for (const round of roots?.keys() ?? []) if (round > this.#round - 2 * finalRounds) roots?.delete(round);
  }

  violate(check: string, what: unknown): void {
    const text = what instanceof Error ? (what.stack ?? what.message) : String(what);
    this.violations.push({ check, round: this.#round, what: text });
  }

  /** What must hold once `round` is over. */
  async afterRound(round: Round, history: RunHistory): Promise<void> {
    this.#round = round;
    this.#processes();
    this.#states(round - finalRounds);
    if (round >= 1) this.#updates(round - 1, history);
    if ((round + 1) % tempo === 0) this.#weights(Math.floor(round / tempo) - 1, history);
    await this.#ledger();
    await this.#slashes(history);
  }

  /** What must hold after the calm rounds: everybody is back. */
  atEnd(history: RunHistory): void {
    const { rounds } = this.#options.plan;
    this.#states(rounds - 1);
    for (const worker of this.#options.workers()) {
      const { name, role } = worker;
      const neuronId = this.#neuronOf(worker, history);
      if (neuronId === undefined) {
        this.violate("joined", `${name} never registered`);
        continue;
      }
      if (this.#roots.get(name)?.get(rounds - 1) === undefined)
        this.violate("stuck", `${name} has not come to the state of round ${rounds - 1}`);
      for (let round = rounds - lastRounds; round < rounds; round++) {
        const done =
          role === "miner"
            ? history.rounds.reveal(round, neuronId) !== undefined
            : history.attestations(round).some((attestation) => attestation.neuronId === neuronId);
        if (!done) this.violate("stuck", `${name} did nothing in round ${round}, where all was well`);
      }
    }
    if (rounds >= 3 * tempo && history.settlements.at(-1)?.epoch !== Math.floor(rounds / tempo) - 2)
      this.violate("settled", `the last epoch settled is ${history.settlements.at(-1)?.epoch}`);
  }

  counts(history: RunHistory): SeedCounts {
    const kills = this.#options.workers().reduce((sum, worker) => sum + worker.kills, 0);
    return {
      kills,
      ...this.#counts,
      settled: history.settlements.length,
      checkpoints: history.checkpoints.length,
      penalties: this.#penalties.size,
    };
  }

  /** Nobody ended for good, and nobody hangs. */
  #processes(): void {
    for (const { name, fatal, isRunning, isWaiting } of this.#options.workers()) {
      for (const error of fatal) this.violate("fatal", error);
      if (isRunning && !isWaiting) this.violate("stuck", `${name} waits for nothing`);
    }
  }

  /** Whoever said what the state of a round is, up to `last`, said the same. */
  #states(last: Round): void {
    const right = this.#roots.get(observerName);
    for (const [node, roots] of this.#roots)
      for (const [round, root] of roots)
        if (round <= last && root !== right?.get(round))
          this.violate("states", `${node} has ${root} in round ${round}, others ${right?.get(round)}`);
  }

  /** A miner to which nothing happened has revealed its update. */
  #updates(round: Round, history: RunHistory): void {
    const window = { from: round * period - leadSeconds, until: round * period + revealSeconds };
    for (const worker of this.#options.workers()) {
      const neuronId = this.#neuronOf(worker, history);
      if (worker.role !== "miner" || neuronId === undefined) continue;
      const isRevealed = history.rounds.reveal(round, neuronId) !== undefined;
      if (isRevealed) this.#counts.revealed += 1;
      if (!this.#disturbances.isUndisturbed(worker, window)) continue;
      this.#counts.expected += 1;
      if (!isRevealed)
        this.violate("rewards", `${worker.name} lost round ${round}, where nothing happened to it`);
    }
  }

  /** A permitted validator to which nothing happened has revealed its weights. */
  #weights(epoch: number, history: RunHistory): void {
    if (epoch < 0) return;
    const clock = this.#options.world.contracts.clock;
    const due = firstRoundOf(clock, epoch + 1);
    const window = { from: firstRoundOf(clock, epoch) * period, until: (due + 2) * period };
    const permitted = new Set(history.permits(epoch).map((uid) => history.occupant(uid, due)));
    for (const worker of this.#options.workers()) {
      const neuronId = this.#neuronOf(worker, history);
      if (worker.role !== "validator" || neuronId === undefined || !permitted.has(neuronId)) continue;
      if (!this.#disturbances.isUndisturbed(worker, window)) continue;
      if (!history.weightRows(epoch).some((row) => row.neuronId === neuronId))
        this.violate("rewards", `${worker.name} lost epoch ${epoch}, where nothing happened to it`);
    }
  }

  async #ledger(): Promise<void> {
    const { contracts, holders, treasury } = this.#options.world;
    for (const problem of await ledgerProblems(contracts, holders, treasury)) this.violate("ledger", problem);
  }

  /** Nobody was punished to whom nothing happened. Whoever was off when it had to reveal is at fault by the rules. */
  async #slashes(history: RunHistory): Promise<void> {
    const { world, signal } = this.#options;
    for (const { neuronId, fault, period: when } of await penalties(world, signal)) {
      const key = `${neuronId} ${fault} ${when}`;
      if (this.#penalties.has(key)) continue;
      this.#penalties.add(key);
      const worker = this.#options.workers().find((each) => this.#neuronOf(each, history) === neuronId);
      const due = fault === "update" ? when : firstRoundOf(world.contracts.clock, when + 1);
      const until = fault === "update" ? due * period + revealSeconds : (due + 2) * period;
      const window = { from: due * period - leadSeconds, until };
      if (fault === "other" || worker === undefined || this.#disturbances.isUndisturbed(worker, window))
        this.violate(
          "slashed",
          `${worker?.name ?? neuronId} for ${fault} of ${when}, where nothing happened to it`,
        );
    }
  }

  #neuronOf({ person }: SimulatedWorker, history: RunHistory) {
    return history.metagraph.holders().find((neuron) => neuron.hotkey === person.hotkey.address)?.neuronId;
  }
}
