import type { Hex } from "viem";
import type { RunAddresses } from "../../workers/chain/run.ts";
import type { RoundClock } from "../../workers/protocol/clock.ts";

/** How much of a run is made up. */
export interface Shape {
  readonly validators: number;
  readonly miners: number;
  readonly rounds: number;
}

/** Commits, reveals, attestations, settlements. */
export const blocksPerRound = 4;
/** Before it, everybody registers. */
export const firstBlock = 4;
export const clock: RoundClock = {
  genesis: 10_000,
  period: 100,
  commitSeconds: 60,
  revealSeconds: 80,
  tempo: 12,
};

const addressAt = (index: number): Hex => `0x${index.toString(16).padStart(40, "c")}`;
export const addresses: RunAddresses = {
  registry: addressAt(1),
  token: addressAt(2),
  stakeManager: addressAt(3),
  metagraph: addressAt(4),
  updateLedger: addressAt(5),
  attestationLedger: addressAt(6),
  weightLedger: addressAt(7),
  epochEngine: addressAt(8),
  emission: addressAt(9),
  vault: addressAt(10),
  slashing: addressAt(11),
  challenge: addressAt(12),
  checkpointLedger: addressAt(13),
  directory: addressAt(14),
};
