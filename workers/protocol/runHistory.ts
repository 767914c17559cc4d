import type { Hex } from "viem";
import { type ChainEvent, type ChainPosition, comparePositions } from "./chainEvents.ts";
import { ChallengeHistory, type OpenChallenge } from "./challengeHistory.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { epochOf, type RoundClock, roundStart } from "./clock.ts";
import { FatalError } from "./errors.ts";
import { type GatherSet, gatherSet } from "./gatherSet.ts";
import { MetagraphHistory } from "./metagraphHistory.ts";
import type { Epoch, NeuronId, Round, Uid } from "./quantities.ts";
import { type Attestation, type CommittedUpdate, type RevealedUpdate, RoundHistory } from "./roundHistory.ts";
import { incentiveOf, type Settlement, SettlementHistory, type WeightRow } from "./settlementHistory.ts";

/** What events are projected into. */
interface Projections {
  readonly metagraph: MetagraphHistory;
  readonly rounds: RoundHistory;
  readonly settled: SettlementHistory;
  readonly checkpoints: Checkpoint[];
  readonly challenges: ChallengeHistory;
}

function projectionsOf(clock: RoundClock): Projections {
  const metagraph = new MetagraphHistory(clock);
  return {
    metagraph,
    rounds: new RoundHistory(metagraph),
    settled: new SettlementHistory(metagraph),
    checkpoints: [],
    challenges: new ChallengeHistory(),
  };
}

/**
 * Everything the chain says about a run, projected from its events alone: no clock, no network, the same answer on
 * every machine that applied the same events.
 *
 * Answers for round r are as of before `start(r)` (DESIGN §3): they are final once events up to that time were
 * applied, and later events never change them. Answers about commits, reveals and attestations of r are final once its
 * phases are over. It is for the caller to know how far it has read the chain; see `position`.
 */
export class RunHistory {
  readonly clock: RoundClock;
  /** Every event applied: what a rewind projects anew. */
  #events: ChainEvent[] = [];
  #parts: Projections;
  #position: ChainPosition | undefined;

  constructor(clock: RoundClock) {
    this.clock = clock;
    this.#parts = projectionsOf(clock);
  }

  get metagraph(): MetagraphHistory {
    return this.#parts.metagraph;
  }

  get rounds(): RoundHistory {
    return this.#parts.rounds;
  }

  get settled(): SettlementHistory {
    return this.#parts.settled;
  }

  /** Place of the last event applied. */
  get position(): ChainPosition | undefined {
    return this.#position;
  }

  /**
   * Applies confirmed events of all the run's contracts, in the order of the chain, each once.
   * @throws FatalError `HISTORY_ORDER` for an event not after the last one, `HISTORY_GAP` where an earlier one is missing.
   */
  apply(events: readonly ChainEvent[]): void {
    for (const event of events) {
      if (this.#position !== undefined && comparePositions(this.#position, event) >= 0) {
        const { blockNumber, logIndex, type } = event;
        const data = { type, blockNumber, logIndex, last: this.#position };
        throw new FatalError("HISTORY_ORDER", "Events must come once and in the order of the chain.", {
          data,
        });
      }
      this.#dispatch(event);
      this.#events.push(event);
      const { blockNumber, logIndex, time } = event;
      this.#position = { blockNumber, logIndex, time };
    }
  }

  /**
   * Takes back every event of blocks above `blockNumber`: a reorganisation replaced them. Answers given for their times
   * no longer hold; parts of this history that were taken out of it before are not rewound.
   */
  rewind(blockNumber: bigint): void {
    if (this.#position === undefined || this.#position.blockNumber <= blockNumber) return;
    const kept = this.#events.filter((event) => event.blockNumber <= blockNumber);
    this.#parts = projectionsOf(this.clock);
    this.#events = [];
    this.#position = undefined;
    this.apply(kept);
  }

  /** Neuron that held a uid before the start of a round. */
  occupant(uid: Uid, round: Round): NeuronId | undefined {
    return this.metagraph.occupant(uid, round)?.neuronId;
  }

  /** Uids permitted in an epoch, ascending. */
  permits(epoch: Epoch): Uid[] {
    return this.metagraph.permits(epoch);
  }

  /** Wei in a pool at the start of an epoch (for epoch 0: at genesis). */
  stakeAt(neuronId: NeuronId, epoch: Epoch): bigint {
    return this.metagraph.stakeAt(neuronId, epoch);
  }

  /** Commitments of a round in the order of the chain. */
  commits(round: Round): CommittedUpdate[] {
    return this.rounds.commits(round);
  }

  /** Revealed updates of a round in the order of their commitments. */
  reveals(round: Round): RevealedUpdate[] {
    return this.rounds.reveals(round);
  }

  /** First attestation of every validator in a round. */
  attestations(round: Round): Attestation[] {
    return this.rounds.attestations(round);
  }

  /** XOR of all salts revealed in a round, for the `eval` and `audit` beacons. */
  saltXor(round: Round): Hex {
    return this.rounds.saltXor(round);
  }

  /** Updates of a round attested by more than half of all permitted stake, ascending by uid. Final after its end. */
  eligible(round: Round): RevealedUpdate[] {
    return this.rounds.eligible(round, epochOf(this.clock, round));
  }

  /** Latest epoch settled before the start of a round. */
  lastSettlementBefore(round: Round): Settlement | undefined {
    return this.settled.lastBefore(roundStart(this.clock, round));
  }

  /** All settlements, oldest first. */
  get settlements(): readonly Settlement[] {
    return this.settled.settlements();
  }

  /** Attested checkpoints, oldest first. */
  get checkpoints(): readonly Checkpoint[] {
    return this.#parts.checkpoints;
  }

  /** Challenges of a neuron's updates that wait for their answer, in the order of the chain. */
  openChallenges(neuronId: NeuronId): OpenChallenge[] {
    return this.#parts.challenges.open(neuronId);
  }

  /** Rows revealed for an epoch. */
  weightRows(epoch: Epoch): WeightRow[] {
    return this.settled.weightRows(epoch);
  }

  /**
   * Gather set of a round (DESIGN §3.5), final after its end.
   * @param rankBeacon `rank` beacon of the round.
   * @param size G, the manifest's `outer.gatherSize`.
   * @param unsettledSize how many before the first settlement.
   */
  gatherSet(round: Round, rankBeacon: Hex, size: number, unsettledSize = size): GatherSet {
    const settlement = this.lastSettlementBefore(round);
    const candidates = this.eligible(round).map(({ uid, neuronId }) => ({
      uid,
      neuronId,
      incentive: settlement === undefined ? 0n : incentiveOf(settlement, uid, neuronId),
    }));
    return gatherSet(candidates, settlement !== undefined, rankBeacon, size, unsettledSize);
  }

  #dispatch(event: ChainEvent): void {
    switch (event.type) {
      case "Registered":
        this.metagraph.applyRegistered(event);
        break;
      case "HotkeyRotated":
        this.metagraph.applyHotkeyRotated(event);
        break;
      case "ColdkeyTransferred":
        this.metagraph.applyColdkeyTransferred(event);
        break;
      case "PermitClaimed":
        this.metagraph.applyPermitClaimed(event);
        break;
      case "PoolChanged":
        this.metagraph.applyPoolChanged(event);
        break;
      case "UpdateCommitted":
        this.rounds.applyCommitted(event);
        break;
      case "UpdateRevealed":
        this.rounds.applyRevealed(event);
        break;
      case "Attested":
        this.rounds.applyAttested(event);
        break;
      case "WeightsCommitted":
        this.settled.applyWeightsCommitted(event);
        break;
      case "WeightsRevealed":
        this.settled.applyWeightsRevealed(event);
        break;
      case "EpochSettled":
        this.settled.applySettled(event);
        break;
      case "Credited":
        this.metagraph.applyCredited(event);
        this.settled.applyCredited(event);
        break;
      case "Minted":
        this.settled.applyMinted(event);
        break;
      case "Claimed":
        this.settled.applyClaimed(event);
        break;
      case "CheckpointAttested":
        this.#parts.checkpoints.push(event);
        break;
      case "ChallengeOpened":
        this.#parts.challenges.applyOpened(event);
        break;
      case "ChallengeAnswered":
      case "ChallengeExpired":
        this.#parts.challenges.applyClosed(event);
        break;
      case "IdentitySet":
        break;
    }
  }
}
