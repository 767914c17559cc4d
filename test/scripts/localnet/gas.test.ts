import assert from "node:assert/strict";
import { test } from "node:test";
import { network } from "hardhat";
import { type Abi, encodeFunctionData } from "viem";
import { gasPerAction, median, newStorageSlots, runTransactions } from "../../../scripts/localnet/gas.ts";
import { deployRun, runAbis } from "../../support/deployedRun.ts";

const WEFT = 10n ** 18n;
const transaction = (action: string, gasUsed: number) =>
  ({ hash: "0x", action, gasUsed, blockNumber: 1n, timestamp: 1 }) as const;

test("median and gasPerAction, odd, even and no counts: the lower one, by name", () => {
  assert.deepEqual([median([]), median([5]), median([9, 1]), median([3, 1, 2])], [0, 5, 1, 2]);
  const found = gasPerAction([
    transaction("b", 3),
    transaction("a", 10),
    transaction("b", 1),
    transaction("b", 2),
  ]);
  assert.deepEqual(Object.entries(found), [
    ["a", { count: 1, median: 10 }],
    ["b", { count: 3, median: 2 }],
  ]);
});

test("runTransactions and newStorageSlots, transfers to a new and a known account: a slot opened once", async () => {
  const connection = await network.create();
  const [bank, fresh] = await connection.viem.getWalletClients();
  const client = await connection.viem.getPublicClient();
  const genesis = Number((await client.getBlock()).timestamp) + 1000;
  const run = await deployRun(connection, genesis, new Map([[bank.account.address, 1_000n * WEFT]]));
  const from = (await client.getBlockNumber()) + 1n;
  const token = { address: run.token, abi: runAbis.token } as const;
  const transfer = { ...token, functionName: "transfer", args: [fresh.account.address, WEFT] } as const;
  await bank.writeContract(transfer);
  await bank.writeContract(transfer);
  const staking = { address: run.stakeManager, abi: runAbis.stakeManager } as const;
  const permit = encodeFunctionData({ abi: runAbis.stakeManager, functionName: "withdraw", args: [1n] });
  // Refused: neither counted nor traced.
  await assert.rejects(
    bank.writeContract({ ...staking, functionName: "multicall", args: [[permit]], gas: 1_000_000n }),
  );
  await bank.sendTransaction({ to: fresh.account.address, value: 1n });
  await bank.writeContract({ ...token, functionName: "approve", args: [run.stakeManager, WEFT] });

  const abis = new Map<string, Abi>([
    [run.token.toLowerCase(), token.abi],
    [run.stakeManager.toLowerCase(), staking.abi],
  ]);
  const found = await runTransactions(client, abis, from);
  assert.deepEqual(
    found.map(({ action }) => action),
    ["transfer", "transfer", "approve"],
  );
  assert.deepEqual(await Promise.all(found.map((each) => newStorageSlots(client, [each]))), [1, 0, 1]);
  assert.equal(await newStorageSlots(client, found), 2);
  assert.ok(found[0].gasUsed > found[1].gasUsed);
});
