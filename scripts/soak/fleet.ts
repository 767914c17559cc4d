import type { Child } from "../localnet/children.ts";
import type { RegisteredParticipant } from "../localnet/participants.ts";
import type { ProcessEnd } from "./findings.ts";
import type { Life, MemorySample } from "./memory.ts";
import { residentBytes } from "./processes.ts";
import type { Kill } from "./schedule.ts";

/** Exit code of what `kill -9` ended, and of a worker that was asked to stop. */
export const killedCode = 128 + 9;
export const stoppedCode = 0;

/** One process of a worker. */
interface Process {
  readonly child: Child;
  /** Milliseconds of the soak's clock. */
  readonly startedAt: number;
  readonly samples: MemorySample[];
}

interface Worker {
  readonly participant: RegisteredParticipant;
  readonly steady: boolean;
  readonly processes: Process[];
  kills: number;
  /** When it is started again; undefined while it runs. */
  backAt: number | undefined;
}

export interface FleetOptions {
  readonly participants: readonly RegisteredParticipant[];
  /** Processes that run already, by name. */
  readonly running: ReadonlyMap<string, Child>;
  readonly steady: (name: string) => boolean;
  readonly start: (participant: RegisteredParticipant) => Child;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** The workers of a soak: kills them, starts them again, and remembers each of their processes. */
export class Fleet {
  readonly #workers: readonly Worker[];
  readonly #options: FleetOptions;
  readonly #ends: ProcessEnd[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
    const { participants, running, steady } = options;
    this.#workers = participants.flatMap((participant) => {
      const child = running.get(participant.name);
      if (child === undefined) return [];
      const first = { child, startedAt: options.now(), samples: [] };
      const { name } = participant;
      return [{ participant, steady: steady(name), processes: [first], kills: 0, backAt: undefined }];
    });
  }

  get names(): string[] {
    return this.#workers.map(({ participant }) => participant.name);
  }

  get kills(): number {
    return this.#workers.reduce((sum, { kills }) => sum + kills, 0);
  }

  killsOf(name: string): number {
    return this.#workers.find(({ participant }) => participant.name === name)?.kills ?? 0;
  }

  /** Processes of workers that run now. */
  get children(): Child[] {
    return this.#workers.map((worker) => last(worker).child).filter((child) => child.running());
  }

  /** Every process that there was. */
  get pids(): Set<number> {
    return new Set(this.#workers.flatMap(({ processes }) => processes.map(({ child }) => child.pid)));
  }

  /** How each process ended that has. */
  get ends(): readonly ProcessEnd[] {
    return this.#ends;
  }

  async kill({ name, downSeconds }: Kill): Promise<void> {
    const worker = this.#workers.find(({ participant }) => participant.name === name);
    if (worker === undefined || worker.backAt !== undefined) return;
    const { child } = last(worker);
    // One that ended by itself is found by `reviveDue`.
    if (!child.running()) return;
    process.kill(child.pid, "SIGKILL");
    worker.kills += 1;
    worker.backAt = this.#options.now() + downSeconds * 1000;
    this.#ends.push({ name, code: await child.exited, expected: killedCode });
  }

  /** Starts again whose time has come, and whoever ended without being killed: that is a finding, and the soak goes on. */
  async reviveDue(): Promise<void> {
    for (const worker of this.#workers) {
      const { child } = last(worker);
      if (worker.backAt === undefined && !child.running()) {
        this.#ends.push({ name: child.name, code: await child.exited, expected: stoppedCode });
        worker.backAt = this.#options.now();
      }
      if (worker.backAt === undefined || worker.backAt > this.#options.now()) continue;
      worker.backAt = undefined;
      const started = this.#options.start(worker.participant);
      worker.processes.push({ child: started, startedAt: this.#options.now(), samples: [] });
    }
  }

  /** Notes the memory of everybody who runs. */
  async sample(): Promise<void> {
    const running = this.#workers.map(last).filter(({ child }) => child.running());
    const bytes = await residentBytes(running.map(({ child }) => child.pid));
    for (const { child, startedAt, samples } of running) {
      const found = bytes.get(child.pid);
      const seconds = (this.#options.now() - startedAt) / 1000;
      if (found !== undefined) samples.push({ seconds, bytes: found });
    }
  }

  /** To be called when everybody has been told to stop and is gone. */
  async noteStops(stopped: readonly Child[]): Promise<void> {
    for (const child of stopped)
      this.#ends.push({ name: child.name, code: await child.exited, expected: stoppedCode });
  }

  /** Processes whose memory says something: those that were there at the end, and those that had a long life. */
  lives(atEnd: readonly Child[], longSeconds: number): Life[] {
    return this.#workers.flatMap(({ participant, steady, processes }) =>
      processes
        .filter(
          ({ child, samples }) => atEnd.includes(child) || (samples.at(-1)?.seconds ?? 0) >= longSeconds,
        )
        .map(({ samples }) => ({ name: participant.name, role: participant.role, steady, samples })),
    );
  }
}

function last({ processes }: Worker): Process {
  return processes[processes.length - 1];
}
