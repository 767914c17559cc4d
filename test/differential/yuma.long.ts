import { describe, it } from "node:test";
import { LARGEST } from "../support/yumaCases.ts";
import { type ComparedEpoch, yumaComparison } from "../support/yumaComparison.ts";

const TYPESCRIPT_CASES = 10_000;
const LARGEST_CASES = 100;
const SOLIDITY_CASES = 1_000;
/** Seeds below belong to the short form. */
const FIRST_SEED = 1_000;

describe("Yuma on many random epochs", async () => {
  const compare = await yumaComparison();
  const all = async (count: number, drawn: Omit<ComparedEpoch, "seed">) => {
    for (let k = 0; k < count; k++) {
      await compare({ ...drawn, seed: FIRST_SEED + k });
      if ((k + 1) % Math.ceil(count / 20) === 0) console.error(`${drawn.reference}: ${k + 1} of ${count}`);
    }
  };

  it("settle, 10,000 epochs of any size, equals the TypeScript reference", async () => {
    await all(TYPESCRIPT_CASES, { reference: "typeScript", size: LARGEST });
  });

  it("settle, 100 epochs of 64 x 256, equals the TypeScript reference", async () => {
    await all(LARGEST_CASES, { reference: "typeScript", size: { ...LARGEST, exact: true } });
  });

  it("settle, 1,000 epochs of up to 16 x 48, equals the Solidity twin", async () => {
    await all(SOLIDITY_CASES, { reference: "solidity", size: { validators: 16, columns: 48 } });
  });
});
