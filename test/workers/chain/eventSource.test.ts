import assert from "node:assert/strict";
import { afterEach, before, describe, it } from "node:test";
import { fund } from "../../../workers/chain/actions/fund.ts";
import { register } from "../../../workers/chain/actions/register.ts";
import { stake } from "../../../workers/chain/actions/stake.ts";
import { type EventBatch, EventSource, watchEvents } from "../../../workers/chain/eventSource.ts";
import type { RunContracts } from "../../../workers/chain/run.ts";
import { comparePositions } from "../../../workers/protocol/chainEvents.ts";
import { WeftError } from "../../../workers/protocol/errors.ts";
import { type FaultyChain, faultyChain, never, type Participant, WEFT } from "../../support/faultyChain.ts";
import { ManualClock } from "../../support/ManualClock.ts";

const typesOf = ({ events }: EventBatch) => events.map(({ type }) => type);

describe("EventSource", () => {
  let chain: FaultyChain;
  let run: RunContracts;
  let someone: Participant;
  let all: EventBatch;
  before(async () => {
    chain = await faultyChain();
    run = await chain.connect();
    someone = await chain.participant();
    for (let k = 0; k < 3; k++) {
      const hotkey = (await chain.participant({}, 0n)).account;
      const { neuronId } = await register(someone.signing, { hotkey }, never);
      await stake(someone.signing, neuronId, WEFT, never);
      await chain.mine(3);
    }
    all = await new EventSource(run).poll(never);
  });
  afterEach(() => chain.intercept(undefined));

  it("poll, from the deploy block, gives every event in order with the time of its block", async () => {
    const round = ["Registered", "PoolChanged"];
    assert.deepEqual(typesOf(all), [...round, ...round, ...round]);
    assert.deepEqual(all.events, [...all.events].sort(comparePositions));
    for (const event of all.events) {
      const { timestamp } = await chain.client.getBlock({ blockNumber: event.blockNumber });
      assert.equal(event.time, Number(timestamp));
    }
    const [first] = all.events;
    assert.ok(first.type === "Registered" && first.neuronId === 1n && first.uid === 0 && first.epoch === 0);
    assert.equal(all.head.number, await chain.client.getBlockNumber());
  });

  for (const chunkBlocks of [1n, 2n, 7n]) {
    it(`poll, chunks of ${chunkBlocks}, gives the same`, async () => {
      assert.deepEqual(await new EventSource(run, { chunkBlocks }).poll(never), all);
    });
  }

  it("poll, a node that refuses long ranges, gives the same with shorter ones", async () => {
    let refused = 0;
    chain.intercept((request, forward) => {
      const [filter] = request.params;
      if (request.method === "eth_getLogs" && typeof filter === "object" && filter !== null) {
        const { fromBlock, toBlock } = { fromBlock: "0x0", toBlock: "0x0", ...filter };
        if (Number(toBlock) - Number(fromBlock) > 3) {
          refused += 1;
          throw Object.assign(new Error("query exceeds max block range 4"), { code: -32000 });
        }
      }
      return forward(request);
    });
    assert.deepEqual(await new EventSource(run).poll(never), all);
    assert.ok(refused > 0);
  });

  it("poll, again, gives only what is new; a failed poll loses nothing", async () => {
    const source = new EventSource(run, { fromBlock: all.head.number + 1n });
    assert.deepEqual((await source.poll(never)).events, []);
    await stake(someone.signing, 1n, WEFT, never);
    chain.intercept((request, forward) => {
      if (request.method === "eth_getLogs") throw Object.assign(new Error("down"), { code: -32000 });
      return forward(request);
    });
    await assert.rejects(source.poll(never), (error) => error instanceof WeftError && error.retryable);
    chain.intercept(undefined);
    assert.deepEqual(typesOf(await source.poll(never)), ["PoolChanged"]);
    assert.deepEqual((await source.poll(never)).events, []);
  });

  it("poll, two confirmations, leaves the last two blocks out until they are confirmed", async () => {
    const source = new EventSource(run, { confirmations: 2 });
    await chain.mine(2);
    await source.poll(never);
    await stake(someone.signing, 1n, WEFT, never);
    assert.deepEqual(typesOf(await source.poll(never)), []);
    await chain.mine(2);
    assert.deepEqual(typesOf(await source.poll(never)), ["PoolChanged"]);
  });

  it("poll, logs that are no events of ours, leaves them out", async () => {
    const source = new EventSource(run);
    await source.poll(never);
    await fund(someone.signing, { to: someone.account.address, tokens: 1n }, never);
    assert.deepEqual((await source.poll(never)).events, []);
  });

  it("poll, blocks that were read are replaced, is CHAIN_REORGANISED", async () => {
    const snapshot = await chain.provider.request({ method: "evm_snapshot", params: [] });
    const source = new EventSource(run);
    await stake(someone.signing, 1n, WEFT, never);
    await source.poll(never);
    await chain.provider.request({ method: "evm_revert", params: [snapshot] });
    await chain.mine(5);
    await assert.rejects(
      source.poll(never),
      (error) => error instanceof WeftError && error.code === "CHAIN_REORGANISED",
    );
  });

  it("watchEvents, aborted while it sleeps, ends without an error", async () => {
    const controller = new AbortController();
    const clock = new ManualClock();
    let batches = 0;
    for await (const batch of watchEvents(new EventSource(run), clock, 1000, controller.signal)) {
      batches += 1;
      assert.ok(batch.events.length > 0);
      setTimeout(() => controller.abort(), 20);
    }
    assert.equal(batches, 1);
  });
});
