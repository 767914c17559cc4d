import { stakeManagerAbi } from "../../workers/chain/generated/abi.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import type { RunHistory } from "../../workers/protocol/runHistory.ts";
import { ONE } from "../../workers/protocol/yuma.ts";
import type { Observations } from "./observations.ts";
import type { RegisteredParticipant } from "./participants.ts";

/** How a participant stands. Amounts in wei. */
export interface Standing {
  readonly participant: RegisteredParticipant;
  /** Miners and validators: their whole pool. Delegator: its own part. */
  readonly stake: bigint;
  /** Stake-weighted mean over validators; undefined before the first score. */
  readonly score: number | undefined;
  /** Share of all incentive (miners) or dividends (validators) credited so far, 0 … 1. */
  readonly share: number | undefined;
  /** Incentive, take and growth of the own stake. */
  readonly earned: bigint;
  /** Wei credited as incentive and as dividends before take. */
  readonly incentive: bigint;
  readonly dividend: bigint;
}

/** Standings of all participants from the chain's history and what validators published. */
export async function standings(
  contracts: RunContracts,
  history: RunHistory,
  participants: readonly RegisteredParticipant[],
  observations: Observations,
): Promise<Standing[]> {
  const earnings = participants.map(({ neuronId }) => history.settled.earnings(neuronId));
  const neurons = participants.map(({ role }) => role !== "delegator");
  const totalIncentive = sum(earnings.map(({ incentive }, index) => (neurons[index] ? incentive : 0n)));
  const totalDividend = sum(earnings.map(({ dividend }, index) => (neurons[index] ? dividend : 0n)));
  return Promise.all(
    participants.map(async (participant, index) => {
      const { role, neuronId, coldkey } = participant;
      const { incentive, dividend, take } = earnings[index];
      const own = await contracts.publicClient.readContract({
        address: contracts.addresses.stakeManager,
        abi: stakeManagerAbi,
        functionName: "assetsOf",
        args: [neuronId, coldkey.address],
      });
      const growth = own > participant.stake ? own - participant.stake : 0n;
      const delegator = role === "delegator";
      const isMiner = role === "miner";
      const [part, total] = isMiner ? [incentive, totalIncentive] : [dividend, totalDividend];
      return {
        participant,
        stake: delegator ? own : history.metagraph.stake(neuronId),
        score: isMiner ? meanScore(history, participants, observations, participant.uid) : undefined,
        share: delegator || total === 0n ? undefined : ratio(part, total),
        earned: delegator ? growth : incentive + take + growth,
        incentive: delegator ? 0n : incentive,
        dividend: delegator ? 0n : dividend,
      };
    }),
  );
}

function meanScore(
  history: RunHistory,
  participants: readonly RegisteredParticipant[],
  observations: Observations,
  uid: number,
): number | undefined {
  let weighted = 0;
  let weights = 0;
  for (const [name, score] of observations.latestScores(uid)) {
    const validator = participants.find((participant) => participant.name === name);
    const weight = validator === undefined ? 0 : ratio(history.metagraph.stake(validator.neuronId), ONE);
    weighted += weight * score;
    weights += weight;
  }
  return weights === 0 ? undefined : weighted / weights;
}

/** a / b to nine digits. */
export function ratio(a: bigint, b: bigint): number {
  return Number((a * 1_000_000_000n) / b) / 1e9;
}

export function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
