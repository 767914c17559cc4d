import type { Hex } from "viem";
import { unpackBondsOf } from "./bonds.ts";
import type { Epoch, NeuronId, Uid } from "./quantities.ts";
import type { RunHistory } from "./runHistory.ts";
import type { Settlement } from "./settlementHistory.ts";
import { unpackRow } from "./weights.ts";
import { settleYuma, type YumaInput, type YumaParameters, type YumaResult } from "./yuma.ts";

/** What `EpochEngine.settleEpoch` takes beside the epoch, in the contract's form. */
export interface SettlementWitness {
  /** As revealed, one per permitted uid ascending; `0x` where none was. */
  readonly rows: readonly Hex[];
  readonly previous: {
    readonly neuronIds: readonly NeuronId[];
    readonly columns: bigint;
    readonly bonds: Hex;
  };
  /** One byte per uid. */
  readonly medianHints: Hex;
  /** Σ R, Q32. */
  readonly rankSum: bigint;
}

/** A settlement ready to be sent, and what it will give. */
export interface PreparedSettlement {
  readonly epoch: Epoch;
  readonly validatorNeuronIds: readonly NeuronId[];
  readonly witness: SettlementWitness;
  /** What the consensus is computed from, masked entries being 0; validators as in `validatorNeuronIds`. */
  readonly input: YumaInput;
  readonly expected: YumaResult;
}

interface Validator {
  readonly uid: Uid;
  readonly neuronId: NeuronId;
  /** Undefined where no row was revealed. */
  readonly row: Hex | undefined;
  /** Wei at the boundary epoch → epoch + 1; 0 without a row. */
  readonly stake: bigint;
}

/**
 * Settlement of an epoch from the events so far, all of which must be applied: uids, masks and previous bonds are those
 * on chain when it is sent. Stake is that of the boundary epoch → epoch + 1, permits are the epoch's (DESIGN §4, §6).
 * @returns undefined where no permitted validator with stake revealed a row: such an epoch cannot be settled.
 */
export function prepareSettlement(
  history: RunHistory,
  epoch: Epoch,
  parameters: YumaParameters,
): PreparedSettlement | undefined {
  const validators = validatorsOf(history, epoch);
  if (validators.every(({ stake }) => stake === 0n)) return undefined;
  const columns = history.metagraph.uidCount();
  const previous = history.settlements.at(-1);
  const weightMask = history.metagraph.registeredSince(epoch + 1);
  const bondMask = previous === undefined ? 0n : history.metagraph.registeredSince(previous.epoch + 1);
  const input: YumaInput = {
    stake: validators.map(({ stake }) => stake),
    weights: validators.map(({ uid, row }) => masked(unpackRow(row ?? "0x", columns), weightMask, uid)),
    previousBonds: validators.map(({ neuronId }) => masked(bondsOf(previous, neuronId, columns), bondMask)),
  };
  const expected = settleYuma(input, parameters);
  return {
    epoch,
    validatorNeuronIds: validators.map(({ neuronId }) => neuronId),
    witness: {
      rows: validators.map(({ row }) => row ?? "0x"),
      previous: previousWitness(previous),
      medianHints: `0x${Buffer.from(expected.medianHints).toString("hex")}`,
      rankSum: expected.rankSum,
    },
    input,
    expected,
  };
}

function validatorsOf(history: RunHistory, epoch: Epoch): Validator[] {
  const rows = new Map(history.weightRows(epoch).map(({ neuronId, row }) => [neuronId, row]));
  return history.permits(epoch).flatMap((uid) => {
    const neuronId = history.metagraph.holder(uid)?.neuronId;
    if (neuronId === undefined) return [];
    const row = rows.get(neuronId);
    return [{ uid, neuronId, row, stake: row === undefined ? 0n : history.stakeAt(neuronId, epoch + 1) }];
  });
}

/** Entries of a masked uid, and of the validator itself where given, become absent. */
function masked(values: readonly number[], mask: bigint, self?: Uid): number[] {
  return values.map((value, uid) => (((mask >> BigInt(uid)) & 1n) === 1n || uid === self ? 0 : value));
}

function bondsOf(previous: Settlement | undefined, neuronId: NeuronId, columns: number): number[] {
  const index = previous?.validatorNeuronIds.indexOf(neuronId) ?? -1;
  if (previous === undefined || index < 0) return new Array(columns).fill(0);
  const { bonds, validatorNeuronIds, neuronIds } = previous;
  const row = unpackBondsOf(bonds, index, validatorNeuronIds.length, neuronIds.length);
  return Array.from({ length: columns }, (_, uid) => row[uid] ?? 0);
}

function previousWitness(previous: Settlement | undefined): SettlementWitness["previous"] {
  if (previous === undefined) return { neuronIds: [], columns: 0n, bonds: "0x" };
  const { validatorNeuronIds, neuronIds, bonds } = previous;
  return { neuronIds: validatorNeuronIds, columns: BigInt(neuronIds.length), bonds };
}
