import { describe, it } from "node:test";
import { LARGEST } from "../support/yumaCases.ts";
import { yumaComparison } from "../support/yumaComparison.ts";
import { regressionSeeds } from "./regressionSeeds.ts";

/** Up to what the plain twin settles in seconds. */
const TWIN = { validators: 16, columns: 48 };

// The long form, with other seeds: yuma.long.ts.
describe("Yuma on random epochs", async () => {
  const comparison = await yumaComparison();

  it("settle, 200 epochs of any size, equals the TypeScript reference", async () => {
    for (let seed = 0; seed < 200; seed++) await comparison.withTypeScript(seed, LARGEST);
  });

  it("settle, an epoch of 64 x 256, equals the TypeScript reference", async () => {
    await comparison.withTypeScript(0, { ...LARGEST, exact: true });
  });

  it("settle, 40 epochs of up to 16 x 48, equals the Solidity twin", async () => {
    for (let seed = 0; seed < 40; seed++) await comparison.withSolidity(seed, TWIN);
  });

  it("settle, seeds that failed once, equals both", async () => {
    for (const seed of regressionSeeds.typeScript) await comparison.withTypeScript(seed, LARGEST);
    for (const seed of regressionSeeds.solidity) await comparison.withSolidity(seed, TWIN);
  });
});
