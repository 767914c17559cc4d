import assert from "node:assert/strict";
import { test } from "node:test";
import { createPublicClient } from "viem";
import type { RpcRequest } from "../../../lab/chain/rpcServer.ts";
import type { RpcFault } from "../../../sim/plan.ts";
import { simulatedRpc } from "../../../sim/world/simulatedRpc.ts";
import { isRevert, rpcError } from "../../../workers/chain/rpcErrors.ts";
import { SleepClock } from "../../support/scriptedRun.ts";

const { signal } = new AbortController();

/** What a request for the latest block asked of the chain and gave, and what `eth_chainId` then threw. */
async function under(fault: RpcFault | undefined) {
  const asked: RpcRequest[] = [];
  const chain = {
    height: 20n,
    request: async (request: RpcRequest) => {
      asked.push(request);
      if (request.method === "eth_call")
        throw Object.assign(new Error("execution reverted"), { code: 3, data: "0x" });
      return request.method === "eth_chainId" ? "0x1" : null;
    },
  };
  const clock = new SleepClock();
  const open = simulatedRpc({ chain, clock, fault: () => fault });
  const client = createPublicClient({ transport: open("http://node/0", signal) });
  const code = await client.getChainId().then(
    () => "answered",
    (error: unknown) => rpcError(error, "test").code,
  );
  return { client, asked, code, waited: clock.now() };
}

test("simulatedRpc, each fault: the error, the wait and the request that a real node would give", async () => {
  assert.equal((await under(undefined)).code, "answered");
  assert.equal((await under({ kind: "refuse" })).code, "RPC_UNREACHABLE");
  assert.equal((await under({ kind: "limit", seconds: 3 })).code, "RPC_LIMIT");
  const slow = await under({ kind: "timeout" });
  assert.deepEqual([slow.code, slow.waited, slow.asked.length], ["RPC_UNREACHABLE", 15_000, 0]);
  const late = await under({ kind: "late", seconds: 4 });
  assert.deepEqual([late.code, late.waited], ["answered", 4_000]);
  const lost = await under({ kind: "loseAnswer" });
  assert.deepEqual([lost.code, lost.asked.length], ["RPC_UNREACHABLE", 1]);
});

test("simulatedRpc, a stale node: its latest block is an older one, all else is the chain's", async () => {
  const { client, asked } = await under({ kind: "stale", blocks: 4 });
  await client.request({ method: "eth_getBlockByNumber", params: ["latest", false] });
  assert.deepEqual(
    asked.map(({ params }) => params[0]),
    [undefined, "0x10"],
  );
});

test("simulatedRpc, a call that reverts: known as one", async () => {
  const { client } = await under(undefined);
  await assert.rejects(client.call({ to: `0x${"11".repeat(20)}`, data: "0x" }), isRevert);
});
