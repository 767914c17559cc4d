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

  for (const depth of [1, 12]) {
    it(`poll, ${depth} blocks that were read are replaced, goes back to the fork and gives what stands now`, async () => {
      const source = new EventSource(run);
      await chain.mine(14);
      await source.poll(never);
      const base = await chain.client.getBlockNumber();
      const snapshot = await chain.provider.request({ method: "evm_snapshot", params: [] });
      await stake(someone.signing, 1n, WEFT, never);
      for (let mined = 1; mined < depth; mined++) await chain.mine();
      assert.deepEqual(typesOf(await source.poll(never)), ["PoolChanged"]);
      await chain.provider.request({ method: "evm_revert", params: [snapshot] });
      const short = await source.poll(never);
      assert.deepEqual([short.events, short.rewound], [[], undefined], "a shorter chain is no news yet");
      assert.equal(short.head.number, base + BigInt(depth));
      await chain.mine(depth);
      await stake(someone.signing, 2n, WEFT, never);
      const { events, rewound } = await source.poll(never);
      assert.deepEqual([rewound?.number, typesOf({ events, head: all.head })], [base, ["PoolChanged"]]);
      assert.ok(events[0].type === "PoolChanged" && events[0].neuronId === 2n);
      const anew = await new EventSource(run).poll(never);
      assert.deepEqual(anew.events.at(-1), events[0]);
      assert.deepEqual((await source.poll(never)).rewound, undefined);
    });
  }

  it("poll, more blocks replaced than are followed, is CHAIN_REORGANISED; a source that starts there begins anew", async () => {
    const snapshot = await chain.provider.request({ method: "evm_snapshot", params: [] });
    const source = new EventSource(run);
    await source.poll(never);
    for (let mined = 0; mined < 30; mined++) {
      await chain.mine();
      await source.poll(never);
    }
    const { seen } = source;
    await chain.provider.request({ method: "evm_revert", params: [snapshot] });
    await chain.mine(40);
    const isReorganised = (error: unknown) =>
      error instanceof WeftError && error.code === "CHAIN_REORGANISED";
    await assert.rejects(source.poll(never), isReorganised);
    const { events, rewound } = await new EventSource(run, { seen }).poll(never);
    assert.deepEqual(events, (await new EventSource(run).poll(never)).events);
    assert.deepEqual(rewound, { number: run.deployBlock - 1n, timestamp: 0 });
  });

  it("poll, a source that goes on where another stopped, gives only what is new", async () => {
    const source = new EventSource(run);
    await source.poll(never);
    await stake(someone.signing, 1n, WEFT, never);
    const next = await new EventSource(run, { seen: source.seen }).poll(never);
    assert.deepEqual(typesOf(next), ["PoolChanged"]);
    assert.equal(next.rewound, undefined);
  });

  it("poll, a node whose head is stale, steps never back and loses nothing", async () => {
    const source = new EventSource(run);
    await chain.mine(3);
    const { head } = await source.poll(never);
    const stale = await chain.provider.request({ method: "eth_getBlockByNumber", params: ["0x5", false] });
    chain.intercept(async (request, forward) =>
      request.params[0] === "latest" && request.method === "eth_getBlockByNumber" ? stale : forward(request),
    );
    assert.deepEqual(await source.poll(never), { events: [], head });
    chain.intercept(undefined);
    await stake(someone.signing, 1n, WEFT, never);
    assert.deepEqual(typesOf(await source.poll(never)), ["PoolChanged"]);
  });

  it("poll, logs from a node that lacks the last block, is CHAIN_MOVED and loses nothing", async () => {
    const source = new EventSource(run);
    await source.poll(never);
    await stake(someone.signing, 1n, WEFT, never);
    const other = await chain.provider.request({ method: "eth_getBlockByNumber", params: ["0x5", false] });
    chain.intercept(async (request, forward) => {
      if (request.method === "eth_getLogs") return [];
      const isByNumber = request.method === "eth_getBlockByNumber" && request.params[0] !== "latest";
      return isByNumber ? other : forward(request);
    });
    await assert.rejects(
      source.poll(never),
      (error) => error instanceof WeftError && error.retryable && error.code === "CHAIN_MOVED",
    );
    chain.intercept(undefined);
    assert.deepEqual(typesOf(await source.poll(never)), ["PoolChanged"]);
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
