import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { network } from "hardhat";
import { parseAbi, toHex } from "viem";
import { medianHints } from "../support/medianHints.ts";

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

// Written out, so that the types do not hang on build artifacts.
const harnessAbi = parseAbi([
  "struct Input { uint256[] stakes; uint256[][] weights; uint256[][] bonds; uint256 kappa; uint256 alpha; bool bondsPenalty; bytes medianHints; }",
  "struct Output { uint256[] consensus; uint256[] incentive; uint256[] dividends; uint256[][] bonds; }",
  "function settle(Input input) view returns (Output)",
]);

const path = new URL("../vectors/yuma3.json", import.meta.url);
const { cases }: { cases: VectorCase[] } = JSON.parse(readFileSync(path, "utf8"));
const ONE = 1n << 32n;
const integers = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map(BigInt));

describe("Yuma against vectors/yuma3.json", async () => {
  const { viem } = await network.create();
  const client = await viem.getPublicClient();
  const { address } = await viem.deployContract("YumaHarness");

  for (const [number, vector] of cases.entries()) {
    const size = `${vector.stake.length} validators x ${vector.epochs[0]?.weights[0]?.length} miners`;
    it(`settle, case ${number} of ${size}, equals the vector in every epoch`, async () => {
      const stakes = vector.stake.map(BigInt);
      const kappa = (BigInt(vector.kappaU16) << 32n) / 65535n;
      let bonds = integers(vector.epochs[0]!.bondsBefore);
      for (const [epoch, expected] of vector.epochs.entries()) {
        const input = {
          stakes,
          weights: integers(expected.weights),
          bonds,
          kappa,
          alpha: ONE - (BigInt(vector.bondsMovingAverageMillionths) * ONE) / 1_000_000n,
          bondsPenalty: vector.bondsPenaltyU16 === 65535,
          medianHints: toHex(Uint8Array.from(medianHints(stakes, expected.weights, kappa))),
        };
        const call = { address, abi: harnessAbi, functionName: "settle", args: [input] } as const;
        const output = await client.readContract(call);
        assert.deepEqual(output.consensus, expected.consensusQ32.map(BigInt), `consensus of epoch ${epoch}`);
        assert.deepEqual(output.incentive, expected.incentiveQ32.map(BigInt), `incentive of epoch ${epoch}`);
        assert.deepEqual(output.dividends, expected.dividendsQ32.map(BigInt), `dividends of epoch ${epoch}`);
        assert.deepEqual(output.bonds, integers(expected.bondsAfter), `bonds of epoch ${epoch}`);
        bonds = output.bonds.map((row) => [...row]);
      }
    });
  }
});
