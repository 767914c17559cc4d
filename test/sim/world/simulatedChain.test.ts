import assert from "node:assert/strict";
import { test } from "node:test";
import { createPublicClient, parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { SimulatedChain } from "../../../sim/world/simulatedChain.ts";
import { flawlessRpc } from "../../../sim/world/simulatedRpc.ts";

const firstBlock = new Date("2026-01-01T00:00:00Z");
const start = firstBlock.getTime() / 1000;
const account = privateKeyToAccount(`0x${"17".repeat(32)}`);
const chain = await SimulatedChain.open(firstBlock);
await chain.request({ method: "hardhat_setBalance", params: [account.address, "0x56bc75e2d63100000"] });
const client = createPublicClient({ transport: flawlessRpc(chain), cacheTime: 0 });
const base = await chain.snapshot();
let present = base;

async function begin(seed: string): Promise<void> {
  await chain.revert(present);
  present = await chain.snapshot();
  await chain.begin(seed);
}

async function send(nonce: number): Promise<void> {
  const serializedTransaction = await account.signTransaction({
    to: account.address,
    value: parseEther("1"),
    nonce,
    gas: 21_000n,
    maxFeePerGas: 10n ** 11n,
    maxPriorityFeePerGas: 1n,
    chainId: 31_337,
    type: "eip1559",
  });
  await client.sendRawTransaction({ serializedTransaction });
}

const sent = () => client.getTransactionCount({ address: account.address });
const heads = async () => {
  const block = await client.getBlock();
  return [block.number - 0n, block.mixHash, Number(block.timestamp) - start];
};

test("mine, the same seed again: the same randomness at the same times; another seed: another", async () => {
  const play = async (seed: string) => {
    await begin(seed);
    await chain.mine(start + 500, start + 508);
    await chain.mine(start + 508, start + 516);
    return heads();
  };
  const first = await play("one");
  assert.equal(first[2], 508);
  assert.deepEqual(await play("one"), first);
  assert.notEqual((await play("two"))[1], first[1]);
});

test("request, between two blocks: answered once, and anew after a block or a transaction", async () => {
  await begin("cache");
  await chain.mine(start + 500, start + 508);
  assert.equal(await sent(), 0);
  await send(0);
  assert.equal(await client.getTransactionCount({ address: account.address, blockTag: "pending" }), 1);
  assert.equal(await sent(), 0);
  await chain.mine(start + 508, start + 516);
  assert.equal(await sent(), 1);
});

test("request, of the pending block: it has the time that the next one will have", async () => {
  await begin("pending");
  await chain.mine(start + 500, start + 777);
  assert.equal(Number((await client.getBlock({ blockTag: "pending" })).timestamp), start + 777);
});

test("reorganise, with and without what was sent: as many blocks and one more, other hashes, nothing before the fork changed", async () => {
  for (const kept of [1, 0]) {
    await begin(`fork ${kept}`);
    await send(0);
    await chain.mine(start + 500, start + 508);
    const before = await client.getBlock();
    await chain.fork();
    await send(1);
    for (const at of [508, 516, 524]) await chain.mine(start + at, start + at + 8);
    const replaced = await client.getBlock();
    assert.equal(await sent(), 2);
    assert.equal(await chain.reorganise(start + 532, 1, kept), 3);
    const head = await client.getBlock();
    assert.equal(head.number, replaced.number + 1n);
    assert.equal(Number(head.timestamp), start + 532);
    assert.equal((await client.getBlock({ blockNumber: before.number })).hash, before.hash);
    assert.notEqual((await client.getBlock({ blockNumber: replaced.number })).hash, replaced.hash);
    assert.equal(await sent(), kept === 1 ? 2 : 1);
  }
});
