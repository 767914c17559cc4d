import type { Hex } from "viem";
import type { Checkpoint } from "../protocol/checkpoint.ts";
import type { Epoch, NeuronId, Round } from "../protocol/quantities.ts";
import { bigint, hex, integer, oneOf, optionalHex, text } from "./columns.ts";
import type { Row } from "./database.ts";

const STATUSES = ["planned", "committed", "revealed"] as const;
/** planned: on disk, perhaps sent; committed, revealed: the transaction is confirmed. */
export type JournalStatus = (typeof STATUSES)[number];

/** Content by CID, its sha-256 digest and its size in bytes. */
export interface JournalContent {
  readonly cid: string;
  readonly digest: Hex;
  readonly size: number;
}

/** What a worker is about to commit for a round. */
export interface UpdatePlan {
  readonly round: Round;
  readonly neuronId: NeuronId;
  readonly salt: Hex;
  readonly commitment: Hex;
  /** The ciphertext. */
  readonly content: JournalContent;
  readonly dataRoot: Hex;
  /** The plaintext, kept in the worker's own store. */
  readonly plaintext: JournalContent;
}

/** What a validator is about to commit for an epoch; `row` is packed u16. */
export interface WeightsPlan {
  readonly epoch: Epoch;
  readonly neuronId: NeuronId;
  readonly salt: Hex;
  readonly commitment: Hex;
  readonly row: Hex;
  readonly log: JournalContent;
}

export interface Journaled {
  readonly status: JournalStatus;
  readonly commitTransaction: Hex | undefined;
  readonly revealTransaction: Hex | undefined;
}

export type UpdateEntry = UpdatePlan & Journaled;
export type WeightsEntry = WeightsPlan & Journaled;

function journaled(row: Row): Journaled {
  return {
    status: oneOf(row, "status", STATUSES),
    commitTransaction: optionalHex(row, "commitTransaction"),
    revealTransaction: optionalHex(row, "revealTransaction"),
  };
}

/** Reads a row of the journal's checkpoints. */
export function checkpointEntry(row: Row): Checkpoint {
  return {
    round: integer(row, "round"),
    stateRoot: hex(row, "stateRoot"),
    contentDigest: hex(row, "contentDigest"),
    contentSize: integer(row, "contentSize"),
  };
}

/** Reads a row of the journal's updates. */
export function updateEntry(row: Row): UpdateEntry {
  return {
    round: integer(row, "round"),
    neuronId: bigint(row, "neuronId"),
    salt: hex(row, "salt"),
    commitment: hex(row, "commitment"),
    content: { cid: text(row, "cid"), digest: hex(row, "digest"), size: integer(row, "size") },
    dataRoot: hex(row, "dataRoot"),
    plaintext: {
      cid: text(row, "plainCid"),
      digest: hex(row, "plainDigest"),
      size: integer(row, "plainSize"),
    },
    ...journaled(row),
  };
}

/** Reads a row of the journal's weights. */
export function weightsEntry(row: Row): WeightsEntry {
  return {
    epoch: integer(row, "epoch"),
    neuronId: bigint(row, "neuronId"),
    salt: hex(row, "salt"),
    commitment: hex(row, "commitment"),
    row: hex(row, "row"),
    log: { cid: text(row, "logCid"), digest: hex(row, "logDigest"), size: integer(row, "logSize") },
    ...journaled(row),
  };
}
