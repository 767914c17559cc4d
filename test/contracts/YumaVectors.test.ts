import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { network } from "hardhat";
import { packBonds } from "../../workers/protocol/bonds.ts";
import { settleYuma } from "../../workers/protocol/yuma.ts";
import { harnessAbi, packCase } from "../support/yumaHarness.ts";

interface VectorEpoch {
  weights: number[][];
  bondsBefore: number[][];
  consensusQ32: string[];
  incentiveQ32: string[];
  dividendsQ32: string[];
  bondsAfter: number[][];
}

interface VectorCase {
  stake: string[];
  kappaU16: number;
  bondsPenaltyU16: number;
  bondsMovingAverageMillionths: number;
  epochs: VectorEpoch[];
}

const path = new URL("../vectors/yuma3.json", import.meta.url);
const { cases }: { cases: VectorCase[] } = JSON.parse(readFileSync(path, "utf8"));
const ONE = 1n << 32n;

describe("Yuma against vectors/yuma3.json", async () => {
  const { viem } = await network.create();
  const client = await viem.getPublicClient();
  const { address } = await viem.deployContract("YumaHarness");

  for (const [number, vector] of cases.entries()) {
    const size = `${vector.stake.length} validators x ${vector.epochs[0]?.weights[0]?.length} miners`;
    it(`settle, case ${number} of ${size}, equals the vector in every epoch`, async () => {
      const stakes = vector.stake.map(BigInt);
      const kappa = (BigInt(vector.kappaU16) << 32n) / 65535n;
      const alpha = ONE - (BigInt(vector.bondsMovingAverageMillionths) * ONE) / 1_000_000n;
      let previousBonds: readonly (readonly number[])[] = vector.epochs[0]!.bondsBefore;
      for (const [epoch, expected] of vector.epochs.entries()) {
        const { weights } = expected;
        const bondsPenalty = vector.bondsPenaltyU16 === 65535 ? 1 : 0;
        const parameters = { ...vector, bondsPenalty } as const;
        const { medianHints, rankSum } = settleYuma({ stake: stakes, weights, previousBonds }, parameters);
        const form = { kappa, alpha, bondsPenalty: bondsPenalty === 1, medianHints, rankSum };
        const packed = packCase({ stakes, weights, previousBonds, ...form });
        const output = await client.readContract({
          address,
          abi: harnessAbi,
          functionName: "settle",
          args: packed,
        });
        assert.deepEqual(output.consensus, expected.consensusQ32.map(BigInt), `consensus of epoch ${epoch}`);
        assert.deepEqual(output.incentive, expected.incentiveQ32.map(BigInt), `incentive of epoch ${epoch}`);
        assert.deepEqual(output.dividends, expected.dividendsQ32.map(BigInt), `dividends of epoch ${epoch}`);
        assert.equal(output.bonds, packBonds(expected.bondsAfter), `bonds of epoch ${epoch}`);
        previousBonds = expected.bondsAfter;
      }
    });
  }
});
