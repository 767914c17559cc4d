import type { RpcRequest } from "../lab/chain/rpcServer.ts";
import { drawsOf } from "../lab/random.ts";
import type { GatewayFault, Plan, RpcFault, Window } from "./plan.ts";

/** What a plan's troubles do to single requests, drawn one after another. */
export interface Troubles {
  rpc(node: string, url: string, request: RpcRequest): RpcFault | undefined;
  gateway(server: string, node: string): GatewayFault | undefined;
  /** Requests that were answered wrongly, late or not at all. */
  readonly counts: { rpc: number; gateways: number };
}

/** @param now seconds since genesis */
export function troublesOf(plan: Plan, now: () => number): Troubles {
  const { uniform } = drawsOf(`sim/${plan.seed}/requests`);
  const counts = { rpc: 0, gateways: 0 };
  const isNow = ({ from, until }: Window) => from <= now() && now() < until;
  return {
    counts,
    rpc(node, url) {
      const trouble = plan.rpc.find(
        (each) =>
          each.node === node && isNow(each) && (each.url === undefined || url.endsWith(`/${each.url}`)),
      );
      if (trouble === undefined || uniform() >= trouble.share) return undefined;
      counts.rpc += 1;
      return trouble.fault;
    },
    gateway(server, node) {
      const trouble = plan.gateways.find(
        (each) => each.server === server && isNow(each) && (each.to === undefined || each.to === node),
      );
      if (trouble === undefined || uniform() >= trouble.share) return undefined;
      counts.gateways += 1;
      return trouble.fault;
    },
  };
}
