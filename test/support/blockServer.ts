import { createServer } from "node:http";
import { CID } from "multiformats/cid";
import { systemClock } from "../../workers/runtime/clock.ts";
import { FileBlockstore } from "../../workers/storage/blockstore.ts";

/**
 * The network between nodes that keep content in folders of their own: each asks another's trustless gateway at
 * `url/FROM/TO`, which answers while `serves` says so, after `latencyMs`.
 */
export async function blockServer(
  folderOf: (node: string) => string,
  serves: (from: string, to: string) => boolean,
  latencyMs = 0,
): Promise<{ readonly url: string; close(): void }> {
  const { signal } = new AbortController();
  const server = createServer((request, response) => {
    const [, from = "", to = "", , cid = ""] = new URL(request.url ?? "/", "http://host").pathname.split("/");
    const missing = () => response.writeHead(404).end();
    if (!serves(from, to)) return missing();
    systemClock
      .sleep(latencyMs, signal)
      .then(() => new FileBlockstore(folderOf(from)).get(CID.parse(cid), { signal }))
      .then(
        (bytes) => response.writeHead(200, { "content-type": "application/vnd.ipld.raw" }).end(bytes),
        missing,
      );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return { url: `http://127.0.0.1:${address.port}`, close: () => void server.close() };
}
