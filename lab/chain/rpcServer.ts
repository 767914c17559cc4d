import { createServer } from "node:http";
import { text } from "node:stream/consumers";

export interface RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Answers one request; throwing `LOST` closes the connection without an answer. */
export type Handler = (request: RpcRequest) => Promise<unknown>;

/** Thrown by a handler: the client never hears of it. */
export const LOST = new Error("lost");

interface Call extends RpcRequest {
  readonly id: number;
}

/** JSON-RPC over HTTP on a port of its own, as long as the process lives; it does not keep it alive. */
export async function serveRpc(handle: Handler): Promise<string> {
  const server = createServer(async (request, response) => {
    try {
      const body: Call | Call[] = JSON.parse(await text(request));
      const answers = await Promise.all([body].flat().map((call) => answer(call, handle)));
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
    } catch {
      response.destroy();
    }
  });
  server.on("connection", (socket) => socket.unref());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

async function answer({ id, method, params }: Call, handle: Handler): Promise<unknown> {
  try {
    return { jsonrpc: "2.0", id, result: await handle({ method, params: params ?? [] }) };
  } catch (error) {
    if (error === LOST || !(error instanceof Error)) throw error;
    const code = "code" in error ? error.code : -32603;
    const data = "data" in error ? error.data : undefined;
    return { jsonrpc: "2.0", id, error: { code, message: error.message, data } };
  }
}
