import type { ChainEvent } from "../protocol/chainEvents.ts";
import type { Epoch, NeuronId, Round } from "../protocol/quantities.ts";

/** By what an event is looked for. */
export interface EventKeys {
  readonly round?: Round;
  readonly epoch?: Epoch;
  readonly neuronId?: NeuronId;
  /** Bytes. */
  readonly size?: number;
}

/** The keys of an event; a checkpoint's and a settlement's round are no keys of theirs. */
export function keysOf(event: ChainEvent): EventKeys {
  switch (event.type) {
    case "UpdateCommitted":
      return { round: event.round, size: event.size };
    case "UpdateRevealed":
      return { round: event.round, neuronId: event.neuronId, size: event.size };
    case "Attested":
    case "ChallengeOpened":
    case "ChallengeAnswered":
    case "ChallengeExpired":
      return { round: event.round, neuronId: event.neuronId };
    case "WeightsRevealed":
    case "PoolChanged":
      return { epoch: event.epoch, neuronId: event.neuronId };
    case "Registered":
      return { epoch: event.epoch, neuronId: event.neuronId };
    case "WeightsCommitted":
    case "EpochSettled":
    case "Credited":
    case "Minted":
      return { epoch: event.epoch };
    case "PermitClaimed":
      return { epoch: event.fromEpoch, neuronId: event.neuronId };
    case "HotkeyRotated":
    case "ColdkeyTransferred":
    case "Claimed":
    case "IdentitySet":
      return { neuronId: event.neuronId };
    case "CheckpointAttested":
      return {};
  }
}
