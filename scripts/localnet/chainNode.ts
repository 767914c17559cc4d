import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { createPublicClient, http } from "viem";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { type Child, type Children, childFailure } from "./children.ts";

const script = fileURLToPath(new URL("nodeProcess.ts", import.meta.url));
const pollMs = 100;

/** @throws FatalError PORT_TAKEN */
export async function requireFreePort(port: number, option = "--port"): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => {
      reject(
        new FatalError("PORT_TAKEN", `port ${port} on 127.0.0.1 is taken`, {
          cause,
          data: { port },
          hint: `Stop what listens there (another local network?), or choose another with ${option}.`,
        }),
      );
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

/** Starts the chain and returns once it answers; on loopback unless another address is given. */
export async function startChain(
  children: Children,
  port: number,
  logPath: string,
  clock: Clock,
  signal: AbortSignal,
  hostname = "127.0.0.1",
): Promise<{ child: Child; rpcUrl: string }> {
  await requireFreePort(port);
  const child = children.start("chain", script, [String(port), hostname], logPath);
  const rpcUrl = `http://${hostname}:${port}`;
  const client = createPublicClient({ transport: http(rpcUrl, { retryCount: 0 }) });
  while (child.running()) {
    try {
      await client.getBlockNumber();
      return { child, rpcUrl };
    } catch {
      await clock.sleep(pollMs, signal);
    }
  }
  throw childFailure(child, await child.exited);
}
