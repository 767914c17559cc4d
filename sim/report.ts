import type { Round } from "../workers/protocol/quantities.ts";

/** Something that must never happen, and did. */
export interface Violation {
  /** Name of the check. */
  readonly check: string;
  readonly round: Round;
  readonly what: string;
}

/** What happened on the chain of a seed. */
export interface SeedCounts {
  readonly kills: number;
  /** Updates revealed; and rounds in which nothing happened to a miner, so that it had to. */
  readonly revealed: number;
  readonly expected: number;
  readonly settled: number;
  readonly checkpoints: number;
  /** Taken from whoever was off when it had to reveal. */
  readonly penalties: number;
}

/** What a seed came to. */
export interface SeedReport extends SeedCounts {
  readonly seed: number;
  readonly rounds: Round;
  readonly violations: readonly Violation[];
  /** sha256 of everything that was said; equal for equal plans. */
  readonly digest: string;
  readonly nodes: number;
  /** Requests that were answered wrongly, late or not at all. */
  readonly rpcFaults: number;
  readonly gatewayFaults: number;
  /** Blocks that each reorganisation replaced. */
  readonly reorganisations: readonly number[];
  readonly seconds: number;
}
