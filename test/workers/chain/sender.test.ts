import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "node:test";
import { type Address, type Hex, keccak256, parseTransaction } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { LOST } from "../../../lab/chain/rpcServer.ts";
import { commitUpdate } from "../../../workers/chain/actions/commitUpdate.ts";
import { ContractRevert } from "../../../workers/chain/contractRevert.ts";
import { signingRun } from "../../../workers/chain/run.ts";
import type { Call } from "../../../workers/chain/sender.ts";
import { WeftError } from "../../../workers/protocol/errors.ts";
import { systemClock } from "../../../workers/runtime/clock.ts";
import type { MetricRow } from "../../../workers/runtime/metrics.ts";
import { type FaultyChain, faultyChain, never } from "../../support/faultyChain.ts";

const RECIPIENT: Address = "0x00000000000000000000000000000000000000aa";
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const update = { round: 0, digest: word("01"), size: 10, commitment: word("03") };
const withCode = (code: string, retryable: boolean) => (error: unknown) =>
  error instanceof WeftError && error.code === code && error.retryable === retryable;

/** Sends 7 wei: whether it happened once, twice or never shows in the balance. */
const gift = (to: Address = RECIPIENT): Call => ({ action: "gift", to, data: "0x", value: 7n });
const freshAddress = () => privateKeyToAccount(generatePrivateKey()).address;

describe("TransactionSender", () => {
  let chain: FaultyChain;
  const mineOften = async (until: Promise<unknown>) => {
    let done = false;
    const finished = until.then(
      () => (done = true),
      () => (done = true),
    );
    while (!done) {
      await chain.mine();
      await systemClock.sleep(30, never);
    }
    await finished;
  };
  before(async () => {
    chain = await faultyChain();
  });
  afterEach(async () => {
    chain.intercept(undefined);
    await chain.manual(false);
  });

  it("send, three at once, are mined one after the other with nonces in order", async () => {
    const { account, signing } = await chain.participant();
    const to = freshAddress();
    const sent = await Promise.all([1, 2, 3].map(() => signing.sender.send(gift(to), never)));
    const nonces = await Promise.all(sent.map(({ hash }) => chain.client.getTransaction({ hash })));
    assert.deepEqual(
      nonces.map(({ nonce }) => nonce),
      [0, 1, 2],
    );
    assert.equal(await chain.client.getBalance({ address: to }), 21n);
    assert.equal(await chain.nonceOf(account.address), 3);
    assert.ok(sent.every(({ gasUsed, waitedSeconds }) => gasUsed >= 21_000n && waitedSeconds > 0));
  });

  it("send, confirmed: its gas and what was paid for it are in the metrics", async () => {
    const { account } = await chain.participant();
    const rows: MetricRow[] = [];
    const metrics = { record: (row: MetricRow) => void rows.push(row) };
    const { sender } = signingRun(await chain.connect(), account, { clock: systemClock, metrics });
    const before = await chain.client.getBalance({ address: account.address });
    const { gasUsed, waitedSeconds } = await sender.send(gift(), never);
    const after = await chain.client.getBalance({ address: account.address });
    const feeWei = before - after - 7n;
    assert.deepEqual(rows, [{ type: "transaction", action: "gift", gasUsed, feeWei, waitedSeconds }]);
  });

  it("send, one fails, the next goes out", async () => {
    const { signing } = await chain.participant();
    const failing = commitUpdate(signing, update, never);
    const next = signing.sender.send(gift(), never);
    await assert.rejects(failing, withCode("CONTRACT_REVERT", true));
    assert.equal((await next).gasUsed, 21_000n);
  });

  it("send, a call that reverts with a custom error, is ContractRevert with its values and sends nothing", async () => {
    const { account, signing } = await chain.participant();
    await assert.rejects(commitUpdate(signing, update, never), (error) => {
      assert.ok(error instanceof ContractRevert);
      assert.equal(error.errorName, "BeforeGenesis");
      assert.equal(error.args.genesis, BigInt(chain.genesis));
      assert.equal(error.retryable, true);
      return true;
    });
    assert.equal(await chain.nonceOf(account.address), 0);
  });

  it("send, an account without coin, is INSUFFICIENT_FUNDS", async () => {
    const account = privateKeyToAccount(generatePrivateKey());
    const { sender } = signingRun(await chain.connect(), account, {
      clock: systemClock,
      settings: { pollMs: 10 },
    });
    await assert.rejects(sender.send({ ...gift(), value: 0n }, never), withCode("INSUFFICIENT_FUNDS", false));
  });

  it("send, the node takes the transaction and loses it, sends it again with higher fees", async () => {
    const { account, signing } = await chain.participant({ replaceAfterBlocks: 2 });
    const to = freshAddress();
    let lost = 0;
    chain.intercept(async (request, forward) => {
      if (request.method !== "eth_sendRawTransaction" || lost++ > 0) return forward(request);
      return keccak256(request.params[0] as Hex);
    });
    const sending = signing.sender.send(gift(to), never);
    await mineOften(sending);
    await sending;
    assert.equal(await chain.client.getBalance({ address: to }), 7n);
    assert.equal(await chain.nonceOf(account.address), 1);
    assert.ok(lost >= 2);
  });

  it("send, a node that restarts without its pending transactions, is given the same one again", async () => {
    const { account, signing } = await chain.participant({ replaceAfterBlocks: 50 });
    const to = freshAddress();
    const raws: unknown[] = [];
    chain.intercept(async (request, forward) => {
      if (request.method !== "eth_sendRawTransaction") return forward(request);
      raws.push(request.params[0]);
      return raws.length === 1 ? keccak256(request.params[0] as Hex) : forward(request);
    });
    const sending = signing.sender.send(gift(to), never);
    await mineOften(sending);
    await sending;
    assert.equal(raws.length, 2);
    assert.equal(raws[0], raws[1]);
    assert.equal(await chain.nonceOf(account.address), 1);
  });

  it("send, after a reorganisation took the last transactions back, uses their nonces again", async () => {
    const { account, signing } = await chain.participant();
    const to = freshAddress();
    const snapshot = await chain.provider.request({ method: "evm_snapshot", params: [] });
    await signing.sender.send(gift(to), never);
    await signing.sender.send(gift(to), never);
    await chain.provider.request({ method: "evm_revert", params: [snapshot] });
    await chain.mine(5);
    const { hash } = await signing.sender.send(gift(to), never);
    assert.equal((await chain.client.getTransaction({ hash })).nonce, 0);
    assert.equal(await chain.nonceOf(account.address), 1);
    assert.equal(await chain.client.getBalance({ address: to }), 7n);
  });

  it("send, a node that lags behind the last receipt, goes on with the next nonce", async () => {
    const { account, signing } = await chain.participant();
    await signing.sender.send(gift(), never);
    let lagging = 0;
    chain.intercept(async (request, forward) => {
      if (request.method === "eth_getTransactionCount" && lagging++ === 0) return "0x0";
      return forward(request);
    });
    await signing.sender.send(gift(), never);
    assert.equal(await chain.nonceOf(account.address), 2);
    assert.ok(lagging > 0);
  });

  it("send, fees above the cap, is FEE_ABOVE_CAP and sends nothing", async () => {
    const { account, signing } = await chain.participant({ maxFeePerGas: 10n });
    await assert.rejects(signing.sender.send(gift(), never), withCode("FEE_ABOVE_CAP", true));
    assert.equal(await chain.nonceOf(account.address), 0);
  });

  it("send, not mined while fees rise above the cap, is replaced up to it and then FEE_ABOVE_CAP", async () => {
    const market = await chain.client.estimateFeesPerGas();
    const maxFeePerGas = market.maxFeePerGas * 2n;
    const { signing } = await chain.participant({ replaceAfterBlocks: 1, maxFeePerGas });
    await chain.manual(true);
    let head = 1_000n;
    const offered: bigint[] = [];
    chain.intercept(async (request, forward) => {
      if (request.method === "eth_sendRawTransaction") {
        offered.push(parseTransaction(request.params[0] as Hex).maxFeePerGas ?? 0n);
      }
      if (request.method !== "eth_blockNumber") return forward(request);
      head += 1n;
      return `0x${head.toString(16)}`;
    });
    await assert.rejects(signing.sender.send(gift(), never), withCode("FEE_ABOVE_CAP", true));
    const distinct = [...new Set(offered)];
    assert.ok(distinct.length >= 2, `${distinct}`);
    for (const [index, fee] of distinct.slice(1).entries()) {
      assert.ok(fee * 100n >= distinct[index] * 110n && fee <= maxFeePerGas, `${distinct}`);
    }
  });

  it("send, the answer to the transaction is lost, waits for the one that went out", async () => {
    const { account, signing } = await chain.participant();
    const to = freshAddress();
    chain.intercept(async (request, forward) => {
      const result = await forward(request);
      if (request.method === "eth_sendRawTransaction") throw LOST;
      return result;
    });
    await signing.sender.send(gift(to), never);
    assert.equal(await chain.client.getBalance({ address: to }), 7n);
    assert.equal(await chain.nonceOf(account.address), 1);
  });

  it("send, not mined for several blocks, replaces itself and executes once", async () => {
    const { account, signing } = await chain.participant({ replaceAfterBlocks: 2 });
    const to = freshAddress();
    await chain.manual(true);
    let head = await chain.client.getBlockNumber();
    let broadcasts = 0;
    chain.intercept(async (request, forward) => {
      if (request.method === "eth_sendRawTransaction") broadcasts += 1;
      // Blocks that leave our transaction out: the head moves on while nothing is mined.
      if (request.method === "eth_blockNumber" && broadcasts < 3) {
        head += 1n;
        return `0x${head.toString(16)}`;
      }
      return forward(request);
    });
    const sending = signing.sender.send(gift(to), never);
    while (broadcasts < 3) await systemClock.sleep(5, never);
    await mineOften(sending);
    const { hash } = await sending;
    const fees = await chain.client.getTransaction({ hash });
    assert.equal(await chain.client.getBalance({ address: to }), 7n);
    assert.equal(await chain.nonceOf(account.address), 1);
    assert.ok((fees.maxFeePerGas ?? 0n) > 0n);
  });

  it("send, never mined, is TRANSACTION_STUCK after the last replacement", async () => {
    const { signing } = await chain.participant({ replaceAfterBlocks: 1, maxReplacements: 2 });
    await chain.manual(true);
    let head = 1_000n;
    chain.intercept(async (request, forward) => {
      if (request.method !== "eth_blockNumber") return forward(request);
      head += 1n;
      return `0x${head.toString(16)}`;
    });
    await assert.rejects(signing.sender.send(gift(), never), withCode("TRANSACTION_STUCK", true));
  });

  it("send, the node counts transactions that it has lost, fills the nonces below and executes once", async () => {
    const { account, signing } = await chain.participant({ replaceAfterBlocks: 2 });
    const to = freshAddress();
    let counted = 0;
    chain.intercept(async (request, forward) => {
      const asksPending = request.method === "eth_getTransactionCount" && request.params[1] === "pending";
      if (asksPending && counted++ === 0) return "0x2";
      return forward(request);
    });
    const sending = signing.sender.send(gift(to), never);
    await mineOften(sending);
    await sending;
    assert.equal(await chain.nonceOf(account.address), 3);
    assert.equal(await chain.client.getBalance({ address: to }), 7n);
  });

  it("send, somebody else uses the nonce, is NONCE_TAKEN", async () => {
    const { account, signing } = await chain.participant();
    const other = await account.signTransaction({
      ...{ to: RECIPIENT, value: 1n, nonce: 0, gas: 21_000n, chainId: 31337, type: "eip1559" },
      ...{ maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 9n },
    });
    let swapped = false;
    chain.intercept(async (request, forward) => {
      if (request.method !== "eth_sendRawTransaction" || swapped) return forward(request);
      swapped = true;
      await forward({ method: request.method, params: [other] });
      return keccak256(request.params[0] as Hex);
    });
    await assert.rejects(signing.sender.send(gift(), never), withCode("NONCE_TAKEN", true));
  });

  it("send, the RPC fails for a while after the broadcast, waits it out", async () => {
    const { signing } = await chain.participant();
    let failures = 0;
    chain.intercept(async (request, forward) => {
      if (request.method !== "eth_getTransactionReceipt" || failures++ >= 3) return forward(request);
      throw Object.assign(new Error("backend is down"), { code: -32000 });
    });
    assert.equal((await signing.sender.send(gift(), never)).gasUsed, 21_000n);
    assert.ok(failures > 3);
  });

  it("send, the RPC fails for longer than the patience, is retryable", async () => {
    const { signing } = await chain.participant({ patienceMs: 50 });
    chain.intercept(async (request, forward) => {
      if (request.method !== "eth_getTransactionReceipt") return forward(request);
      throw Object.assign(new Error("backend is down"), { code: -32000 });
    });
    await assert.rejects(signing.sender.send(gift(), never), withCode("RPC_FAILED", true));
  });

  it("send, aborted while waiting, rejects with the reason and lets the next one through", async () => {
    const { signing } = await chain.participant();
    await chain.manual(true);
    const controller = new AbortController();
    const reason = new Error("stop");
    const sending = signing.sender.send(gift(), controller.signal);
    setTimeout(() => controller.abort(reason), 100);
    await assert.rejects(sending, (error) => error === reason);
    await chain.manual(false);
    await signing.sender.send(gift(), never);
  });

  it("send, mined in a state in which it reverts, is ContractRevert all the same", async () => {
    const { account, signing } = await chain.participant();
    chain.intercept(async (request, forward) => {
      if (request.method === "eth_estimateGas") return "0x30d40";
      if (request.method === "eth_call" && request.params[1] === "pending") return "0x";
      return forward(request);
    });
    await assert.rejects(
      commitUpdate(signing, update, never),
      (error) => error instanceof ContractRevert && error.errorName === "BeforeGenesis",
    );
    assert.equal(await chain.nonceOf(account.address), 1);
  });

  it("send, mined and reverted, and the node does not say why: TRANSACTION_REVERTED, retryable", async () => {
    const { signing } = await chain.participant();
    chain.intercept(async (request, forward) => {
      if (request.method === "eth_estimateGas") return "0x30d40";
      return request.method === "eth_call" ? "0x" : forward(request);
    });
    await assert.rejects(commitUpdate(signing, update, never), withCode("TRANSACTION_REVERTED", true));
  });

  it("send, three confirmations, resolves only when two blocks stand on top", async () => {
    const { signing } = await chain.participant({ confirmations: 3 });
    const sending = signing.sender.send(gift(), never);
    const early = await Promise.race([sending, systemClock.sleep(300, never).then(() => "waiting")]);
    assert.equal(early, "waiting");
    await chain.mine(2);
    const { blockNumber } = await sending;
    assert.equal(await chain.client.getBlockNumber(), blockNumber + 2n);
  });
});
