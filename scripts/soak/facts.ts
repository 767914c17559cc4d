import { zeroHash } from "viem";
import { slashingAbi } from "../../workers/chain/generated/abi.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import { epochOf } from "../../workers/protocol/clock.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";
import type { RunHistory } from "../../workers/protocol/runHistory.ts";
import type { LocalNetwork } from "../localnet/network.ts";
import type { SoakFacts } from "./findings.ts";
import { isSteady, type Soaked } from "./soak.ts";

export type ChainFacts = Omit<SoakFacts, "ends" | "left" | "memory">;

/** What chain and workers say about the rounds of a soak; the chain must still run. */
export async function chainFacts(
  network: LocalNetwork,
  { fleet, observations, lastRound }: Soaked,
  signal: AbortSignal,
): Promise<ChainFacts> {
  const { contracts, follower } = network;
  const { history } = follower;
  // Epoch e is settled in the last round of epoch e + 1.
  const epochsOver = Math.max(0, epochOf(contracts.clock, lastRound) - 1);
  const rounds = Array.from({ length: lastRound }, (_, round) => round);
  const epochs = Array.from({ length: epochsOver }, (_, epoch) => epoch);
  const nameOf = (neuronId: NeuronId | undefined) =>
    network.participants.find((each) => each.role !== "delegator" && each.neuronId === neuronId)?.name ??
    `neuron ${neuronId}`;
  const updates = rounds.flatMap((round) => {
    const revealed = new Set<NeuronId | undefined>(history.reveals(round).map(({ neuronId }) => neuronId));
    const open = history.commits(round).filter(({ neuronId }) => !revealed.has(neuronId));
    return open.map(({ neuronId }) => `${nameOf(neuronId)} in round ${round}`);
  });
  const rows = epochs.flatMap((epoch) => {
    const revealed = new Set<NeuronId | undefined>(history.weightRows(epoch).map(({ neuronId }) => neuronId));
    const open = history.settled.weightCommits(epoch).filter(({ neuronId }) => !revealed.has(neuronId));
    return open.map(({ neuronId }) => `${nameOf(neuronId)}'s weights of epoch ${epoch}`);
  });
  const slashes = await callRpc("read slashes", signal, () =>
    contracts.publicClient.getContractEvents({
      address: contracts.addresses.slashing,
      abi: slashingAbi,
      eventName: "Slashed",
      fromBlock: contracts.deployBlock,
    }),
  );
  return {
    roots: observations.roots,
    lastRound,
    workers: fleet.names,
    steady: fleet.names.filter(isSteady),
    gatheredRounds: new Set(rounds.filter((round) => isGathered(history, round))),
    settledEpochs: new Set(history.settlements.map(({ epoch }) => epoch)),
    // Where setting up took longer than planned, nobody has a permit for the first one.
    dueEpochs: epochs.filter((epoch) => history.permits(epoch).length > 0),
    unrevealed: [...updates, ...rows],
    slashes: slashes.map(({ args }) => `${nameOf(args.neuronId)} in ${args.period}`),
  };
}

/** Whether a round's gather set has somebody in it: that follows from who is eligible and what the last epoch paid. */
function isGathered(history: RunHistory, round: number): boolean {
  return history.gatherSet(round, zeroHash, Number.MAX_SAFE_INTEGER).uids.length > 0;
}
