import { median } from "../localnet/gas.ts";

/** Resident memory of one process at an age. */
export interface MemorySample {
  /** Since its start. */
  readonly seconds: number;
  readonly bytes: number;
}

/** One process of a worker, from its start to its end or to the end of the soak. */
export interface Life {
  readonly name: string;
  readonly role: string;
  /** Never killed, and never to be. */
  readonly steady: boolean;
  readonly samples: readonly MemorySample[];
}

/** How a worker's memory grew. Bytes are medians of a window. */
export interface MemoryVerdict {
  readonly name: string;
  /** Age of the process at its last sample, seconds. */
  readonly seconds: number;
  /** What it is measured against; undefined where nobody of its role has lived long enough. */
  readonly yardstick: number | undefined;
  /** Whether the yardstick is its own memory. */
  readonly own: boolean;
  readonly end: number;
  readonly grew: boolean;
}

/** Age at which start-up is over and memory is taken as the yardstick. */
export const settledSeconds = 300;
const windowSeconds = 60;
/** More than this many times the yardstick is a leak. */
export const mostGrowth = 1.2;

/**
 * Whether each life's memory at its end is at most 1.2 times what it was at five minutes. A life of ten minutes or more is
 * measured against itself. A shorter one, which was started again after a kill, has no such past: it is measured against
 * the steady workers of its role at five minutes, which had a shorter history to hold.
 */
export function memoryVerdicts(lives: readonly Life[]): MemoryVerdict[] {
  const measured = lives.filter(({ samples }) => samples.length > 0);
  return measured.map((life) => {
    const seconds = ageOf(life);
    const own = seconds >= 2 * settledSeconds;
    const yardstick = own ? settledBytes(life) : ofRole(measured, life.role);
    const end = medianOf(life, seconds - windowSeconds, seconds) ?? 0;
    const grew = yardstick !== undefined && end > mostGrowth * yardstick;
    return { name: life.name, seconds, yardstick, own, end, grew };
  });
}

/** The largest of the role's steady workers. */
function ofRole(lives: readonly Life[], role: string): number | undefined {
  const steady = lives.filter((life) => life.role === role && life.steady);
  const known = steady.map(settledBytes).filter((bytes) => bytes !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function settledBytes(life: Life): number | undefined {
  if (ageOf(life) < settledSeconds) return undefined;
  return medianOf(life, settledSeconds - windowSeconds / 2, settledSeconds + windowSeconds / 2);
}

function ageOf({ samples }: Life): number {
  return samples.at(-1)?.seconds ?? 0;
}

function medianOf({ samples }: Life, from: number, until: number): number | undefined {
  const within = samples.filter(({ seconds }) => seconds >= from && seconds <= until);
  return within.length === 0 ? undefined : median(within.map(({ bytes }) => bytes));
}
