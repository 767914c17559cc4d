import { after, test } from "node:test";
import { firstValidatorPoints, minerPoints, playWithCrashes } from "../support/crashMatrix.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const dir = temporaryFolder({ after });
const ended = new AbortController();
after(() => ended.abort());

test("kill -9 before and after each step of a miner, and of a validator up to its first weights: nothing lost, nothing twice", async () => {
  const { signal } = ended;
  await playWithCrashes({ dir, miner: minerPoints, validator: firstValidatorPoints, rounds: 5, signal });
});
