import assert from "node:assert/strict";
import { network } from "hardhat";
import { packBonds } from "../../workers/protocol/bonds.ts";
import { settleYuma } from "../../workers/protocol/yuma.ts";
import { type CaseSize, type DifferentialCase, yumaCase } from "./yumaCases.ts";
import { harnessAbi, packCase } from "./yumaHarness.ts";

/** Gas that a call may take: what a transaction may (EIP-7825). */
const GAS = 2n ** 24n;

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

  return {
    /** Consensus, incentive, dividends and bonds equal those of `settleYuma`. */
    async withTypeScript(seed: number, size: CaseSize): Promise<void> {
      const epoch = yumaCase(seed, size);
      const expected = settleYuma(epoch.masked, epoch.parameters);
      const found = await settle(epoch, expected.medianHints, expected.rankSum);
      assert.deepEqual(found.consensus, expected.consensus, `consensus of seed ${seed}`);
      assert.deepEqual(found.incentive, expected.incentive, `incentive of seed ${seed}`);
      assert.deepEqual(found.dividends, expected.dividends, `dividends of seed ${seed}`);
      assert.equal(found.bonds, packBonds(expected.bonds), `bonds of seed ${seed}`);
    },
    /** The same against the Solidity twin, which also names the medians and the sum of ranks. */
    async withSolidity(seed: number, size: CaseSize): Promise<void> {
      const epoch = yumaCase(seed, size);
      const { stake, weights, previousBonds } = epoch.masked;
      const plain = (matrix: readonly (readonly number[])[]) => matrix.map((row) => row.map(BigInt));
      const { kappa, alpha, bondsPenalty } = epoch.raw;
      const input = { stakes: stake, weights: plain(weights), bonds: plain(previousBonds) };
      const expected = await client.readContract({
        ...contract,
        functionName: "naive",
        args: [{ ...input, kappa, alpha, bondsPenalty }],
      });
      const hints = [...Buffer.from(expected.medianHints.slice(2), "hex")];
      const found = await settle(epoch, hints, expected.rankSum);
      assert.deepEqual(found.consensus, expected.consensus, `consensus of seed ${seed}`);
      assert.deepEqual(found.incentive, expected.incentive, `incentive of seed ${seed}`);
      assert.deepEqual(found.dividends, expected.dividends, `dividends of seed ${seed}`);
      assert.equal(
        found.bonds,
        packBonds(expected.bonds.map((row) => row.map(Number))),
        `bonds of seed ${seed}`,
      );
    },
  };
}
