import { describe, it } from "node:test";
import { LARGEST } from "../support/yumaCases.ts";
import { yumaComparison } from "../support/yumaComparison.ts";

const TYPESCRIPT_CASES = 10_000;
const LARGEST_CASES = 30;
const SOLIDITY_CASES = 1_000;
/** Seeds below belong to the short form. */
const FIRST_SEED = 1_000;

describe("Yuma on many random epochs", async () => {
  const comparison = await yumaComparison();
  const all = async (count: number, compare: (seed: number) => Promise<void>) => {
    for (let k = 0; k < count; k++) {
      await compare(FIRST_SEED + k);
      if ((k + 1) % Math.ceil(count / 20) === 0) console.error(`${k + 1} of ${count}`);
    }
  };

  it("settle, 10,000 epochs of any size, equals the TypeScript reference", async () => {
    await all(TYPESCRIPT_CASES, (seed) => comparison.withTypeScript(seed, LARGEST));
  });

  it("settle, 30 epochs of 64 x 256, equals the TypeScript reference", async () => {
    await all(LARGEST_CASES, (seed) => comparison.withTypeScript(seed, { ...LARGEST, exact: true }));
  });

  it("settle, 1,000 epochs of up to 16 x 48, equals the Solidity twin", async () => {
    await all(SOLIDITY_CASES, (seed) => comparison.withSolidity(seed, { validators: 16, columns: 48 }));
  });
});
