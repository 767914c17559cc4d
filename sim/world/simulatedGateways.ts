import { CID } from "multiformats/cid";
import type { Clock } from "../../workers/runtime/clock.ts";
import { FileBlockstore } from "../../workers/storage/blockstore.ts";
import type { Fetch } from "../../workers/storage/httpBlocks.ts";
import type { GatewayFault } from "../plan.ts";
import type { SimulatedTime } from "./simulatedTime.ts";

export interface SimulatedGatewaysOptions {
  readonly time: SimulatedTime;
  /** Of the machine that asks. */
  readonly clock: Clock;
  /** Content folder of the node that a host name stands for; undefined while it is off. */
  readonly folderOf: (host: string) => string | undefined;
  /** What happens to a request to a host now; undefined where it is answered. */
  readonly fault: (host: string) => GatewayFault | undefined;
}

/** The network through which a worker reads what the others keep: each node's folder behind a trustless gateway. */
export function simulatedGateways({ time, clock, folderOf, fault }: SimulatedGatewaysOptions): Fetch {
  return async (url, { signal }) => {
    const host = url.hostname;
    const aborted = signal ?? new AbortController().signal;
    const folder = folderOf(host);
    if (folder === undefined) throw new TypeError("fetch failed");
    const happening = fault(host);
    if (happening === "refuse") throw new TypeError("fetch failed");
    if (happening === "error") return new Response("", { status: 503 });
    if (happening === "missing") return new Response("", { status: 404 });
    if (happening === "stall") {
      await clock.sleep(3_600_000, aborted);
      throw new TypeError("fetch failed");
    }
    const cid = CID.parse(url.pathname.split("/").at(-1) ?? "");
    const bytes = await time
      .track(new FileBlockstore(folder).get(cid, { signal: aborted }))
      .catch(() => undefined);
    if (bytes === undefined) return new Response("", { status: 404 });
    if (happening === "truncate") return new Response(new Uint8Array(bytes.subarray(0, bytes.length / 2)));
    const body = new Uint8Array(bytes);
    if (happening === "corrupt" && body.length > 0) body[body.length >> 1] ^= 1;
    return new Response(body);
  };
}
