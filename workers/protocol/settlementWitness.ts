import type { Hex } from "viem";
import type { RunHistory } from "./runHistory.ts";
import type { Epoch, NeuronId } from "./quantities.ts";
import { unpackRow, unpackU16 } from "./weights.ts";
import { settleYuma, type YumaInput, type YumaParameters, type YumaResult } from "./yuma.ts";

/** What `EpochEngine.settleEpoch` takes: everything it checks against hashes, and a hint per column. */
export interface SettlementWitness {
  /** One per uid permitted in the epoch, ascending; "0x" where none was revealed. */
  readonly rows: readonly Hex[];
  readonly previous: {
    readonly neuronIds: readonly NeuronId[];
    readonly columns: bigint;
    readonly bonds: Hex;
  };
  /** One byte per uid. */
  readonly medianHints: Hex;
}

export interface PreparedSettlement {
  readonly witness: SettlementWitness;
  /** What the chain will compute. */
  readonly expected: YumaResult;
}

/**
 * Witness of an epoch's settlement from the history (DESIGN §4, §6); undefined where no permitted validator with stake
 * revealed a row. To be built in epoch + 1 after its second round, when rows, permits and stake are fixed; a registration
 * until the transaction is mined changes the masks and makes the hints stale.
 */
export function prepareSettlement(
  history: RunHistory,
  epoch: Epoch,
  parameters: YumaParameters,
): PreparedSettlement | undefined {
  const { metagraph, settled } = history;
  const columns = metagraph.uidCount();
  const validators = metagraph.permits(epoch).map((uid) => {
    const neuronId = metagraph.holder(uid)?.neuronId ?? 0n;
    const row = settled.weightRows(epoch).find((candidate) => candidate.neuronId === neuronId)?.row;
    const stake = row === undefined ? 0n : metagraph.stakeAt(neuronId, epoch + 1);
    return { uid, neuronId, row, stake };
  });
  if (validators.every(({ stake }) => stake === 0n)) return undefined;

  const last = settled.settlements().at(-1);
  const masked = metagraph.registeredSince(epoch + 1);
  const bondsMasked = last === undefined ? masked : metagraph.registeredSince(last.epoch + 1);
  const previousRows = last === undefined ? [] : bondRows(last.bonds, last.validatorNeuronIds);
  const input: YumaInput = {
    stake: validators.map(({ stake }) => stake),
    weights: validators.map(({ uid, row, stake }) => {
      const weights = unpackRow(row === undefined || stake === 0n ? "0x" : row, columns);
      return weights.map((weight, j) => (j === uid || isSet(masked, j) ? 0 : weight));
    }),
    previousBonds: validators.map(({ neuronId }) => {
      const bonds = previousRows.find((candidate) => candidate.neuronId === neuronId)?.bonds ?? [];
      return Array.from({ length: columns }, (_, j) => (isSet(bondsMasked, j) ? 0 : (bonds[j] ?? 0)));
    }),
  };
  const expected = settleYuma(input, parameters);
  return {
    witness: {
      rows: validators.map(({ row }) => row ?? "0x"),
      previous: {
        neuronIds: last?.validatorNeuronIds ?? [],
        columns: BigInt(last?.incentives.length ?? 0),
        bonds: last?.bonds ?? "0x",
      },
      medianHints: `0x${expected.medianHints.map((hint) => hint.toString(16).padStart(2, "0")).join("")}`,
    },
    expected,
  };
}

function bondRows(bonds: Hex, neuronIds: readonly NeuronId[]): { neuronId: NeuronId; bonds: number[] }[] {
  const values = unpackU16(bonds);
  const columns = neuronIds.length === 0 ? 0 : values.length / neuronIds.length;
  return neuronIds.map((neuronId, row) => ({ neuronId, bonds: values.slice(row * columns, (row + 1) * columns) }));
}

function isSet(word: bigint, bit: number): boolean {
  return ((word >> BigInt(bit)) & 1n) === 1n;
}
