import { test } from "node:test";
import { minerPoints, playWithCrashes, validatorPoints } from "../support/crashMatrix.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const repeats = 20;

for (let repeat = 1; repeat <= repeats; repeat++) {
  test(`kill -9 before and after each step of a miner and a validator, ${repeat} of ${repeats}: nothing lost, nothing twice`, async (t) => {
    const ended = new AbortController();
    t.after(() => ended.abort());
    const { signal } = ended;
    const dir = temporaryFolder(t);
    await playWithCrashes({ dir, miner: minerPoints, validator: validatorPoints, rounds: 12, signal });
  });
}
