/**
 * What the projector answers, as JSON: the dashboard's side imports these types. Amounts are whole tokens as decimal
 * strings, ids of neurons decimal strings, times Unix seconds, sizes bytes, shares 0 … 1, losses nats per token.
 */

/** An error's body. */
export interface ApiError {
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly hint: string | null;
}

/** How far the projector is: `reset` while it looks for the run on a chain that began anew. */
export type SyncState = "starting" | "syncing" | "synced" | "silent" | "reset";

export interface Head {
  readonly number: number;
  readonly hash: string;
  readonly time: number;
}

/** `GET /api/status`, and every event `status` of `GET /api/events`. */
export interface Status {
  readonly state: SyncState;
  readonly chainId: number;
  readonly registry: string;
  /** Changes whenever the projection begins anew: what was shown before is of another chain. */
  readonly chain: string;
  readonly head: Head | null;
  /** Round of the head's time; null before genesis. */
  readonly round: number | null;
  readonly phase: "commit" | "reveal" | "attest" | null;
  /** When the phase ends, by block time; genesis before it. */
  readonly phaseEndsAt: number;
  readonly epoch: number;
  /** Grows with every metric row taken. */
  readonly reports: number;
  /** The last failure of the chain, while it lasts. */
  readonly problem: ApiError | null;
}

/** `GET /api/network`. */
export interface Network {
  readonly clock: {
    readonly genesis: number;
    readonly period: number;
    readonly commitSeconds: number;
    readonly revealSeconds: number;
    readonly tempo: number;
  };
  readonly addresses: Readonly<Record<string, string>>;
  readonly model: {
    readonly parameters: number;
    readonly layers: number;
    readonly dim: number;
    readonly sequenceLength: number;
  };
  readonly training: {
    readonly innerSteps: number;
    readonly batchSequences: number;
    readonly gatherSize: number;
    /** Tokens that one update stands for. */
    readonly tokensPerUpdate: number;
    /** Bytes of the model as float32. */
    readonly denseBytes: number;
  };
  readonly participants: { readonly neurons: number; readonly validators: number; readonly stake: string };
  readonly issuance: {
    readonly cap: string;
    readonly issued: string;
    /** Per second now; the next halving comes when `halvesAt` is issued. */
    readonly rate: string;
    readonly halvesAt: string;
  };
  readonly checkpoints: readonly CheckpointRow[];
}

export interface CheckpointRow {
  readonly round: number;
  readonly stateRoot: string;
  readonly cid: string;
  readonly size: number;
  readonly time: number;
}

/** `GET /api/rounds?from=&to=`: rounds that began, ascending; the last 200 unless asked for others. */
export interface RoundsPage {
  readonly rounds: readonly RoundRow[];
}

export interface RoundRow {
  readonly round: number;
  readonly start: number;
  readonly commits: number;
  readonly reveals: number;
  /** In all rounds before it. */
  readonly revealsBefore: number;
  readonly attestations: number;
  /** Of revealed updates. */
  readonly bytes: number;
  /** Median of what workers reported, at the round's start; null where nobody did. */
  readonly heldOutLoss: number | null;
  /** Medians over the miners that reported. */
  readonly trainLoss: number | null;
  readonly seconds: Readonly<Record<string, number>> | null;
}

/** `GET /api/epochs`: settled epochs, ascending. */
export interface EpochsPage {
  readonly epochs: readonly EpochRow[];
}

export interface EpochRow {
  readonly epoch: number;
  readonly settledInRound: number;
  readonly settledAt: number;
  readonly minted: string;
  readonly treasury: string;
  readonly incentives: string;
  readonly dividends: string;
  readonly miners: number;
  readonly validators: number;
  readonly stake: string;
}

/** `GET /api/neurons`: who holds a uid now, ascending by uid. */
export interface NeuronsPage {
  readonly epoch: number;
  readonly neurons: readonly NeuronRow[];
}

export interface NeuronRow {
  readonly uid: number;
  readonly neuronId: string;
  /** What its owner says of it; foreign text, empty where nothing is said. */
  readonly name: string;
  readonly url: string;
  readonly hotkey: string;
  readonly coldkey: string;
  readonly role: "miner" | "validator";
  readonly permittedNext: boolean;
  readonly stake: string;
  /** Shares of the last settlement. */
  readonly incentive: number;
  readonly dividend: number;
  /** Credited ever: incentive and the whole dividend, of which the pool has its part; not what can be claimed. */
  readonly earned: string;
  readonly claimed: string;
  /** Last round with a revealed update. */
  readonly lastUpdate: number | null;
  /** Median of the scores that validators reported last, and the penalties they named. */
  readonly score: number | null;
  readonly penalties: readonly string[];
  readonly registeredAt: number;
}

/** `GET /api/neurons/ID`. */
export interface NeuronPage {
  readonly neuron: NeuronRow;
  /** Whether it still holds its uid. */
  readonly holds: boolean;
  readonly rounds: readonly NeuronRound[];
  readonly epochs: readonly NeuronEpoch[];
}

/** `outcome`: docs/operators explains each. */
export interface NeuronRound {
  readonly round: number;
  readonly outcome: string;
  readonly attestedShare: number;
  readonly bytes: number | null;
  /** Median of reported scores. */
  readonly score: number | null;
  readonly penalties: readonly string[];
}

export interface NeuronEpoch {
  readonly epoch: number;
  readonly stake: string;
  readonly incentive: string;
  readonly dividend: string;
  readonly take: string;
  readonly incentiveShare: number;
  readonly permitted: boolean;
  /** A validator's weights against consensus; null for miners and before the settlement. */
  readonly weights:
    | readonly { readonly uid: number; readonly weight: number; readonly consensus: number }[]
    | null;
}

/** `GET /api/rounds/R`. */
export interface RoundPage {
  readonly round: number;
  readonly epoch: number;
  readonly start: number;
  readonly end: number;
  /** False while it runs: nothing is gathered yet. */
  readonly over: boolean;
  readonly heldOutLoss: { readonly before: number | null; readonly after: number | null };
  readonly updates: readonly UpdateRow[];
  readonly attestations: readonly {
    readonly neuronId: string;
    readonly uid: number;
    readonly time: number;
    readonly uids: readonly number[];
  }[];
  /** Updates that validators reported as copies, with whose they copy. */
  readonly copies: readonly { readonly uid: number; readonly of: number }[];
}

export interface UpdateRow {
  readonly uid: number;
  readonly neuronId: string;
  readonly outcome: string;
  readonly attestedShare: number;
  readonly committedAt: number;
  readonly revealedAt: number | null;
  readonly bytes: number;
  readonly evaluations: readonly {
    readonly validator: string;
    readonly score: number;
    readonly penalties: readonly string[];
    readonly losses: unknown;
  }[];
}

/** `GET /api/epochs/E/weights`: rows of validators as revealed, and what the settlement made of them. */
export interface WeightsPage {
  readonly epoch: number;
  readonly settled: boolean;
  readonly uids: readonly number[];
  readonly rows: readonly {
    readonly neuronId: string;
    readonly uid: number;
    readonly stake: string;
    /** By position in `uids`, each a share of the row's sum. */
    readonly weights: readonly number[];
  }[];
  readonly consensus: readonly number[] | null;
  readonly incentives: readonly number[] | null;
}
