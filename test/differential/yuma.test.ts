import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LARGEST, yumaCase } from "../support/yumaCases.ts";
import { yumaComparison } from "../support/yumaComparison.ts";
import { kinds } from "../support/yumaKinds.ts";
import { regressionSeeds } from "./regressionSeeds.ts";

/** Up to what the plain twin settles in seconds. */
const TWIN = { validators: 16, columns: 48 };

// The long form, with other seeds: yuma.long.ts.
describe("Yuma on random epochs", async () => {
  const compare = await yumaComparison();

  it("settle, 200 epochs of any size, equals the TypeScript reference", async () => {
    for (let seed = 0; seed < 200; seed++) await compare({ reference: "typeScript", seed, size: LARGEST });
  });

  it("yumaCase, the same 200 seeds, draws every kind of epoch five times or more", () => {
    const epochs = Array.from({ length: 200 }, (_, seed) => yumaCase(seed, LARGEST));
    for (const [name, isOne] of Object.entries(kinds)) assert.ok(epochs.filter(isOne).length >= 5, name);
  });

  it("settle, an epoch of 64 x 256, equals the TypeScript reference", async () => {
    await compare({ reference: "typeScript", seed: 0, size: { ...LARGEST, exact: true } });
  });

  it("settle, 40 epochs of up to 16 x 48, equals the Solidity twin", async () => {
    for (let seed = 0; seed < 40; seed++) await compare({ reference: "solidity", seed, size: TWIN });
  });

  it("settle, epochs that failed once, equals their references", async () => {
    for (const failed of regressionSeeds) await compare(failed);
  });
});
