import type { Uid } from "../../workers/protocol/quantities.ts";
import { MAX_WEIGHT } from "../../workers/protocol/weights.ts";

/** What a validator knows when it commits its row of an epoch. Rows of the epoch itself are not revealed yet. */
export interface EpochView {
  readonly epoch: number;
  readonly columns: number;
  /** What its own evaluation of the epoch gives; an attacker need not have made it. */
  readonly ownRow: readonly number[];
  /** Its own evaluation of the epoch before; undefined in the first. */
  readonly ownPreviousRow: readonly number[] | undefined;
  /** Consensus C of the last settlement, Q32 by uid: what all revealed rows agreed on. */
  readonly previousConsensus: readonly bigint[] | undefined;
  /** Uids that belong to its operator and do no work. */
  readonly friends: readonly Uid[];
}

/** How a validator comes by its row: u16 by uid; undefined where it takes no part in the epoch. */
export interface ValidatorStrategy {
  readonly row: (view: EpochView) => readonly number[] | undefined;
  /** Share of an honest validator's evaluations that it makes. */
  readonly compute: number;
}

/** Weighs as its evaluation says. */
export const honest: ValidatorStrategy = { row: ({ ownRow }) => ownRow, compute: 1 };

/** Evaluates nothing and hands in what all agreed on in the last settlement. */
export const weightCopier: ValidatorStrategy = {
  row: ({ previousConsensus, columns }) => scaled((previousConsensus ?? []).map(Number), columns),
  compute: 0,
};

/** Hands in its evaluation an epoch late. */
export const lazy: ValidatorStrategy = {
  row: ({ ownPreviousRow, columns }) => ownPreviousRow ?? new Array(columns).fill(0),
  compute: 1,
};

/** Gives everything to uids of its own that do no work. */
export const cabalMember: ValidatorStrategy = {
  row: ({ friends, columns }) => shared(friends, columns),
  compute: 0,
};

/** Gives half of its weight as it should and half to uids of its own. */
export const selfDealer: ValidatorStrategy = {
  row: ({ ownRow, friends, columns }) => {
    const gift = shared(friends, columns);
    return ownRow.map((weight, uid) => Math.floor((weight + gift[uid]) / 2));
  },
  compute: 1,
};

/** Holds a permit in every other epoch only, and weighs honestly then. */
export const permitChurner: ValidatorStrategy = {
  row: ({ epoch, ownRow }) => (epoch % 2 === 0 ? ownRow : undefined),
  compute: 0.5,
};

function shared(uids: readonly Uid[], columns: number): number[] {
  const row = new Array<number>(columns).fill(0);
  for (const uid of uids) row[uid] = Math.floor(MAX_WEIGHT / uids.length);
  return row;
}

function scaled(values: readonly number[], columns: number): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return Array.from({ length: columns }, (_, uid) =>
    total === 0 ? 0 : Math.floor(((values[uid] ?? 0) / total) * MAX_WEIGHT),
  );
}
