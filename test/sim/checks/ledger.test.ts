import assert from "node:assert/strict";
import { after, test } from "node:test";
import { encodeAbiParameters, keccak256, pad, toHex } from "viem";
import { ledgerProblems } from "../../../sim/checks/ledger.ts";
import { openWorld } from "../../../sim/world/world.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const { signal } = new AbortController();
const world = await openWorld(temporaryFolder({ after }), signal);
after(() => world.close());

test("ledgerProblems, a run nobody joined, one with a wei from nowhere, one with a holder nobody knows", async () => {
  const { contracts, holders, treasury, chain } = world;
  assert.deepEqual(await ledgerProblems(contracts, holders, treasury), []);
  assert.equal((await ledgerProblems(contracts, holders.slice(1), treasury)).length, 1);
  // Balances are the token's first storage slot.
  const slot = keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [holders[0], 0n]));
  const { token } = contracts.addresses;
  await chain.request({ method: "hardhat_setStorageAt", params: [token, slot, pad(toHex(1n))] });
  assert.equal((await ledgerProblems(contracts, holders, treasury)).length, 1);
});
