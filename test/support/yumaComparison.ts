import assert from "node:assert/strict";
import { network } from "hardhat";
import type { Hex } from "viem";
import { packBonds } from "../../workers/protocol/bonds.ts";
import { settleYuma } from "../../workers/protocol/yuma.ts";
import { type CaseSize, type DifferentialCase, yumaCase } from "./yumaCases.ts";
import { harnessAbi, packCase } from "./yumaHarness.ts";

/** Gas that a call may take: what a transaction may (EIP-7825). */
const GAS = 2n ** 24n;

/** What production is compared with: the workers' `settleYuma`, or the plain twin in Solidity. */
type Reference = "typeScript" | "solidity";

/** An epoch as a seed draws it, and what it is compared with. */
export interface ComparedEpoch {
  readonly reference: Reference;
  readonly seed: number;
  readonly size: CaseSize;
}

interface Expected {
  readonly consensus: readonly bigint[];
  readonly incentive: readonly bigint[];
  readonly dividends: readonly bigint[];
  readonly bonds: Hex;
  readonly medianHints: readonly number[];
  readonly rankSum: bigint;
}

/** The production `Yuma` on a chain of its own, compared with its two references. */
export async function yumaComparison() {
  const { viem } = await network.create();
  const client = await viem.getPublicClient();
  const { address } = await viem.deployContract("YumaHarness");
  const contract = { address, abi: harnessAbi, gas: GAS } as const;

  async function settle({ raw }: DifferentialCase, medianHints: readonly number[], rankSum: bigint) {
    const args = packCase({ ...raw, medianHints, rankSum });
    return client.readContract({ ...contract, functionName: "settle", args });
  }

  async function settledBy(reference: Reference, epoch: DifferentialCase): Promise<Expected> {
    const { masked, parameters } = epoch;
    if (reference === "typeScript") {
      const result = settleYuma(masked, parameters);
      return { ...result, bonds: packBonds(result.bonds) };
    }
    const plain = (matrix: readonly (readonly number[])[]) => matrix.map((row) => row.map(BigInt));
    const { kappa, alpha, bondsPenalty } = epoch.raw;
    const bonds = plain(masked.previousBonds);
    const input = { stakes: masked.stake, weights: plain(masked.weights), bonds, kappa, alpha, bondsPenalty };
    const result = await client.readContract({ ...contract, functionName: "naive", args: [input] });
    return {
      ...result,
      medianHints: [...Buffer.from(result.medianHints.slice(2), "hex")],
      bonds: packBonds(result.bonds.map((row) => row.map(Number))),
    };
  }

  /** Consensus, incentive, dividends and bonds equal the reference's, whose medians and sum of ranks are the witness. */
  return async function compare(compared: ComparedEpoch): Promise<void> {
    try {
      const epoch = yumaCase(compared.seed, compared.size);
      const expected = await settledBy(compared.reference, epoch);
      const found = await settle(epoch, expected.medianHints, expected.rankSum);
      for (const part of ["consensus", "incentive", "dividends", "bonds"] as const) {
        assert.deepEqual(found[part], expected[part], part);
      }
    } catch (cause) {
      throw new Error(`Keep this in regressionSeeds.ts: ${JSON.stringify(compared)}`, { cause });
    }
  };
}
