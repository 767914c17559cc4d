/** Who is next: contracts take turns, and a mutant that does not count is replaced by the next one drawn. */
import type { Mutant } from "./mutants.ts";
import type { Candidates } from "./prepare.ts";
import { keyOf, type Result } from "./results.ts";

interface Queue {
  readonly candidates: Candidates;
  readonly quota: number;
  /** Candidates handed out so far, in the order drawn. */
  taken: number;
  running: number;
  readonly results: Result[];
}

export interface Next {
  readonly target: string;
  readonly suites: readonly string[];
  readonly mutant: Mutant;
}

export class Schedule {
  private readonly queues: Queue[];
  private readonly known: ReadonlyMap<string, Result>;
  private start: number | undefined;
  private stopped = false;
  private judged = 0;

  /** @param known Results of an earlier run, taken where the mutant's turn comes. */
  constructor(
    candidates: readonly Candidates[],
    quotas: readonly number[],
    known: ReadonlyMap<string, Result>,
  ) {
    this.queues = candidates.map((one, k) => ({
      candidates: one,
      quota: quotas[k],
      taken: 0,
      running: 0,
      results: [],
    }));
    this.known = known;
  }

  /**
   * Of the contract that is furthest behind. At most as many are out as its quota lacks, so that the sample is the first
   * `quota` mutants that count, whoever finishes first.
   */
  next(): Next | undefined {
    if (this.stopped) return undefined;
    this.start ??= performance.now();
    const open = this.queues.filter((queue) => {
      return queue.taken < queue.candidates.mutants.length && counted(queue) + queue.running < queue.quota;
    });
    const queue = open.toSorted((a, b) => share(a) - share(b))[0];
    if (queue === undefined) return undefined;
    const mutant = queue.candidates.mutants[queue.taken++];
    const { name, suites } = queue.candidates;
    const known = this.known.get(keyOf({ target: name, id: mutant.id }));
    if (known === undefined) {
      queue.running += 1;
      return { target: name, suites, mutant };
    }
    queue.results.push(known);
    return this.next();
  }

  add(result: Result): void {
    const queue = this.queues.find(({ candidates }) => candidates.name === result.target)!;
    queue.running -= 1;
    queue.results.push(result);
    this.judged += 1;
  }

  stop(): void {
    this.stopped = true;
  }

  results(): Result[] {
    return this.queues.flatMap(({ results }) => results);
  }

  /** `12/150, 9 min left`, by the pace since the first one. */
  progress(): string {
    const total = this.queues.reduce((sum, { quota }) => sum + quota, 0);
    const done = this.queues.reduce((sum, queue) => sum + counted(queue), 0);
    const elapsed = (performance.now() - (this.start ?? 0)) / 60_000;
    const minutes = (elapsed / this.judged) * (total - done);
    return `${done}/${total}, ${Math.ceil(minutes)} min left`;
  }
}

function counted({ results }: Queue): number {
  return results.filter(({ outcome }) => outcome !== "invalid" && outcome !== "equivalent").length;
}

function share(queue: Queue): number {
  return (counted(queue) + queue.running) / queue.quota;
}
