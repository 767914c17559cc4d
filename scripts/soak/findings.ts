import type { MemoryVerdict } from "./memory.ts";

/** How a process ended, and how it should have. */
export interface ProcessEnd {
  readonly name: string;
  readonly code: number;
  readonly expected: number;
}

/** What a soak saw. Rounds and epochs count from 0. */
export interface SoakFacts {
  /** State roots by round and by worker: of θ before that round. */
  readonly roots: ReadonlyMap<number, ReadonlyMap<string, string>>;
  /** The last state that everybody had time to publish. */
  readonly lastRound: number;
  readonly workers: readonly string[];
  /** Those that were never killed: each has every state. */
  readonly steady: readonly string[];
  /** Rounds with an update in their gather set. */
  readonly gatheredRounds: ReadonlySet<number>;
  readonly settledEpochs: ReadonlySet<number>;
  /** Epochs with a permitted validator whose time to settle is over. */
  readonly dueEpochs: readonly number[];
  /** "miner-1 in round 4": a commitment without its reveal, for which anybody could have its author slashed. */
  readonly unrevealed: readonly string[];
  /** Slashes that the chain shows, of whomever: everybody is honest here. */
  readonly slashes: readonly string[];
  readonly ends: readonly ProcessEnd[];
  /** What is left of the network after its end: processes, ports. */
  readonly left: readonly string[];
  readonly memory: readonly MemoryVerdict[];
}

export interface Violation {
  readonly code:
    | "ROOTS_DIFFER"
    | "STATE_MISSING"
    | "STATE_STANDS"
    | "EPOCH_UNSETTLED"
    | "COMMITMENT_UNREVEALED"
    | "SLASHED"
    | "EXIT_CODE"
    | "LEFT_BEHIND"
    | "MEMORY_GREW";
  readonly text: string;
}

/**
 * Rounds in a row without progress, two epochs: the network is stuck. One epoch may pass by the rules, where the last one
 * settled found no update that helped.
 */
const stuckRounds = 6;

/** What must not happen and did. */
export function violations(facts: SoakFacts): Violation[] {
  return [
    ...statesOf(facts),
    ...standingStates(facts),
    ...facts.dueEpochs
      .filter((epoch) => !facts.settledEpochs.has(epoch))
      .map((epoch) => found("EPOCH_UNSETTLED", `epoch ${epoch}`)),
    ...facts.unrevealed.map((text) => found("COMMITMENT_UNREVEALED", text)),
    ...facts.slashes.map((text) => found("SLASHED", text)),
    ...facts.ends
      .filter(({ code, expected }) => code !== expected)
      .map(({ name, code, expected }) =>
        found("EXIT_CODE", `${name} ended with ${code} instead of ${expected}`),
      ),
    ...facts.left.map((text) => found("LEFT_BEHIND", text)),
    ...facts.memory
      .filter(({ grew }) => grew)
      .map(({ name, yardstick = 0, end }) =>
        found("MEMORY_GREW", `${name}: ${megabytes(yardstick)} MB to ${megabytes(end)} MB`),
      ),
  ];
}

/** Every round is over for the steady workers, the last one for all, and nobody has another state than the others. */
function statesOf({ roots, lastRound, steady, workers }: SoakFacts): Violation[] {
  return range(lastRound + 1).flatMap((round) => {
    const ofRound = roots.get(round) ?? new Map<string, string>();
    const due = round === lastRound ? workers : steady;
    const missing = due.filter((name) => !ofRound.has(name));
    const differ = new Set(ofRound.values()).size > 1;
    return [
      ...(missing.length === 0
        ? []
        : [found("STATE_MISSING", `before round ${round}, of ${missing.join(", ")}`)]),
      ...(differ ? [found("ROOTS_DIFFER", `before round ${round}`)] : []),
    ];
  });
}

/** Rounds whose gathered updates moved nothing, and epochs in which nothing was gathered. */
function standingStates({ roots, lastRound, gatheredRounds }: SoakFacts): Violation[] {
  const rootOf = (round: number) => [...(roots.get(round)?.values() ?? [])][0];
  const idle = range(lastRound).filter(
    (round) => gatheredRounds.has(round) && rootOf(round) === rootOf(round + 1),
  );
  const empty = range(lastRound - stuckRounds + 1).filter((round) =>
    range(stuckRounds).every((offset) => !gatheredRounds.has(round + offset)),
  );
  return [
    ...idle.map((round) => found("STATE_STANDS", `round ${round} gathered updates and moved nothing`)),
    ...empty.map((round) =>
      found("STATE_STANDS", `nothing was gathered in ${stuckRounds} rounds from ${round}`),
    ),
  ];
}

function found(code: Violation["code"], text: string): Violation {
  return { code, text };
}

function range(count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => index);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
