import { custom, HttpRequestError, RpcRequestError, TimeoutError, type Transport } from "viem";
import type { RpcRequest } from "../../lab/chain/rpcServer.ts";
import type { OpenRpc } from "../../workers/chain/endpoint.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import type { RpcFault } from "../plan.ts";
import type { SimulatedChain } from "./simulatedChain.ts";
import type { SimulatedTime } from "./simulatedTime.ts";

export interface SimulatedRpcOptions {
  readonly chain: Pick<SimulatedChain, "height" | "request">;
  /** Of the machine that asks. */
  readonly clock: Clock;
  /** What the node behind a URL does to a request now; undefined where it answers. */
  readonly fault: (url: string, request: RpcRequest) => RpcFault | undefined;
}

const timeoutMs = 15_000;

/** A worker's way to the simulated chain, with what networks and nodes do to requests. Errors are those of JSON-RPC over HTTP. */
export function simulatedRpc({ chain, clock, fault }: SimulatedRpcOptions): OpenRpc {
  return (url, signal) => {
    const forward = async (request: RpcRequest) => {
      try {
        return await chain.request(request);
      } catch (error) {
        throw refusalOf(error, url, request);
      }
    };
    const request = async ({ method, params = [] }: { method: string; params?: unknown }) => {
      const asked: RpcRequest = { method, params: params as readonly unknown[] };
      const body = { ...asked };
      const happening = fault(url, asked);
      switch (happening?.kind) {
        case undefined:
          return forward(asked);
        case "refuse":
          throw new HttpRequestError({ url, body, details: "connection refused" });
        case "limit":
          throw new HttpRequestError({
            url,
            body,
            status: 429,
            headers: new Headers({ "Retry-After": `${happening.seconds}` }),
          });
        case "timeout":
          await clock.sleep(timeoutMs, signal);
          throw new TimeoutError({ body, url });
        case "late":
          await clock.sleep(happening.seconds * 1000, signal);
          return forward(asked);
        case "loseAnswer":
          await forward(asked).catch(() => undefined);
          throw new HttpRequestError({ url, body, details: "connection reset" });
        case "stale":
          return forward(await staleRequest(asked, happening.blocks, chain));
      }
    };
    return custom({ request }, { retryCount: 0 });
  };
}

/** A way to the simulated chain that never fails. */
export function flawlessRpc(chain: Pick<SimulatedChain, "request">, time?: SimulatedTime): Transport {
  const request = async ({ method, params = [] }: { method: string; params?: unknown }) => {
    const asked: RpcRequest = { method, params: params as readonly unknown[] };
    try {
      const answer = chain.request(asked);
      return await (time === undefined ? answer : time.track(answer));
    } catch (error) {
      throw refusalOf(error, "in this process", asked);
    }
  };
  return custom({ request }, { retryCount: 0 });
}

/** The request as a node that lags behind by some blocks understands it. */
function staleRequest(
  request: RpcRequest,
  blocks: number,
  chain: Pick<SimulatedChain, "height">,
): RpcRequest {
  const height = chain.height > BigInt(blocks) ? chain.height - BigInt(blocks) : 0n;
  const latest = `0x${height.toString(16)}`;
  if (request.method === "eth_getBlockByNumber" && request.params[0] === "latest")
    return { ...request, params: [latest, ...request.params.slice(1)] };
  return request;
}

/** As viem's HTTP transport throws what a node answers. */
function refusalOf(error: unknown, url: string, { method, params }: RpcRequest): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "number" ? error.code : -32_603;
  const data = "data" in error ? error.data : undefined;
  return new RpcRequestError({
    url,
    body: { method, params },
    error: { code, message: error.message, data },
  });
}
