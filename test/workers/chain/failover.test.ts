import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createPublicClient, type PublicClient } from "viem";
import { failover } from "../../../workers/chain/failover.ts";
import { rpcError } from "../../../workers/chain/rpcErrors.ts";
import { WeftError } from "../../../workers/protocol/errors.ts";
import { SleepClock } from "../../support/scriptedRun.ts";

const never = new AbortController().signal;
const genesis = `0x${"ab".repeat(32)}`;

/** How a node answers: as it should, with an HTTP status, or not at all. */
type Mood = "well" | "gone" | { readonly status: number; readonly retryAfter?: string };

/** A node whose head is `head`; counts the requests for it. */
async function node(
  test: { after(work: () => void): void },
  head: number,
  identity = { chainId: "0x1", genesis },
) {
  const state = { mood: "well" as Mood, asked: 0, identity };
  const answer = (method: string): unknown => {
    if (method === "eth_chainId") return state.identity.chainId;
    if (method === "eth_getBlockByNumber") return { hash: state.identity.genesis };
    state.asked += 1;
    return `0x${head.toString(16)}`;
  };
  const reply = (response: ServerResponse, body: string) => {
    const { mood } = state;
    if (mood === "gone") return response.destroy();
    if (mood !== "well") {
      const { status, retryAfter } = mood;
      return response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end();
    }
    const calls: { id: number; method: string }[] = [JSON.parse(body)].flat();
    const results = calls.map(({ id, method }) => ({ jsonrpc: "2.0", id, result: answer(method) }));
    return response.setHeader("content-type", "application/json").end(JSON.stringify(results));
  };
  const server = createServer(async (request, response) => reply(response, await text(request)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return Object.assign(state, { url: `http://127.0.0.1:${address.port}` });
}

function clientOf(clock: SleepClock, ...nodes: readonly { readonly url: string }[]): PublicClient {
  const transport = failover({ urls: nodes.map(({ url }) => url), clock, signal: never });
  return createPublicClient({ transport, cacheTime: 0 });
}

const headOf = async (client: PublicClient) => Number(await client.getBlockNumber({ cacheTime: 0 }));
const codeOf = async (request: Promise<unknown>) => {
  const error = await request.then(
    () => assert.fail("no error"),
    (cause: unknown) => rpcError(cause, "test"),
  );
  assert.ok(error instanceof WeftError);
  return error.code;
};

test("failover, the first works: the second is never asked", async (t) => {
  const [first, second] = [await node(t, 1), await node(t, 2)];
  const client = clientOf(new SleepClock(), first, second);
  assert.deepEqual([await headOf(client), await headOf(client)], [1, 1]);
  assert.equal(second.asked, 0);
});

test("failover, the first is gone, refuses or fails: the second answers at once, the first again once it has rested", async (t) => {
  for (const mood of ["gone", { status: 503 }, { status: 429 }, { status: 401 }] as const) {
    const [first, second] = [await node(t, 1), await node(t, 2)];
    const clock = new SleepClock();
    const client = clientOf(clock, first, second);
    assert.equal(await headOf(client), 1);
    first.mood = mood;
    assert.deepEqual([await headOf(client), await headOf(client)], [2, 2], JSON.stringify(mood));
    assert.equal(clock.sleeps, 0);
    first.mood = "well";
    await clock.sleep(300, never);
    // Checked beside the requests: some of them still go to the second.
    for (let looks = 0; (await headOf(client)) === 2; looks++) assert.ok(looks < 200, "never used again");
  }
});

test("failover, one node that is gone for a while: waits, and asks again", async (t) => {
  const only = await node(t, 1);
  const clock = new SleepClock();
  only.mood = "gone";
  clock.onSleep = () => {
    if (clock.sleeps === 3) only.mood = "well";
  };
  assert.equal(await headOf(clientOf(clock, only)), 1);
  assert.equal(clock.sleeps, 3);
});

test("failover, 429 with Retry-After: waits as long, however often it is asked meanwhile", async (t) => {
  const only = await node(t, 1);
  const clock = new SleepClock();
  const client = clientOf(clock, only);
  await headOf(client);
  only.mood = { status: 429, retryAfter: "7" };
  const since = clock.now();
  clock.onSleep = () => {
    only.mood = "well";
  };
  assert.equal(await headOf(client), 1);
  assert.equal(clock.now() - since, 7000);
});

test("failover, nobody answers, or all refuse: RPC_UNREACHABLE, RPC_LIMIT", async (t) => {
  const [first, second] = [await node(t, 1), await node(t, 2)];
  const client = clientOf(new SleepClock(), first, second);
  first.mood = second.mood = "gone";
  assert.equal(await codeOf(headOf(client)), "RPC_UNREACHABLE");
  first.mood = second.mood = { status: 429, retryAfter: "1" };
  assert.equal(await codeOf(headOf(client)), "RPC_LIMIT");
});

test("failover, told to wait longer than a request does, so that some requests ask nobody: RPC_LIMIT all the same", async (t) => {
  const only = await node(t, 1);
  const client = clientOf(new SleepClock(), only);
  await headOf(client);
  only.mood = { status: 429, retryAfter: "55" };
  const codes: string[] = [];
  for (let request = 0; request < 6; request++) {
    codes.push(await codeOf(headOf(client)));
  }
  assert.deepEqual(new Set(codes), new Set(["RPC_LIMIT"]));
});

test("failover, a second node on another chain, or with another genesis block: not used, though it answers", async (t) => {
  for (const identity of [
    { chainId: "0x2", genesis },
    { chainId: "0x1", genesis: `0x${"cd".repeat(32)}` },
  ]) {
    const [first, other] = [await node(t, 1), await node(t, 2, identity)];
    const client = clientOf(new SleepClock(), first, other);
    assert.equal(await headOf(client), 1);
    first.mood = "gone";
    assert.equal(await codeOf(headOf(client)), "RPC_UNREACHABLE");
    assert.equal(other.asked, 0);
    first.mood = "well";
    assert.equal(await headOf(client), 1);
  }
});

test("failover, the only node comes back as another chain: WRONG_CHAIN", async (t) => {
  const only = await node(t, 1);
  const clock = new SleepClock();
  const client = clientOf(clock, only);
  await headOf(client);
  only.mood = "gone";
  clock.onSleep = () => {
    only.mood = "well";
    only.identity = { chainId: "0x1", genesis: `0x${"cd".repeat(32)}` };
  };
  assert.equal(await codeOf(headOf(client)), "WRONG_CHAIN");
});

test("failover, aborted while it waits: throws the reason", async (t) => {
  const only = await node(t, 1);
  only.mood = "gone";
  const stop = new AbortController();
  const clock = new SleepClock();
  clock.onSleep = () => stop.abort(new Error("enough"));
  const transport = failover({ urls: [only.url], clock, signal: stop.signal });
  await assert.rejects(createPublicClient({ transport }).getBlockNumber());
  assert.equal(clock.sleeps, 1);
});
