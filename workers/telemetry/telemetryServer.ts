import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type ListenAddress, type Listening, listenOn } from "../runtime/listen.ts";
import type { Health } from "./health.ts";

export interface TelemetryPages {
  /** Prometheus's text format. */
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
  health(): Health;
}

const requestMs = 5_000;
const mostConnections = 16;

/**
 * Serves `/metrics` and `/healthz` (200, or 503 where it fails) until closed. It keeps no process alive.
 * @throws as `listenOn`
 */
export async function serveTelemetry(listen: ListenAddress, pages: TelemetryPages): Promise<Listening> {
  const server = createServer((request, response) => {
    answer(request, response, pages).catch(() => response.destroy());
  });
  server.requestTimeout = requestMs;
  server.headersTimeout = requestMs;
  server.keepAliveTimeout = requestMs;
  server.maxConnections = mostConnections;
  const listening = await listenOn(server, listen, "--metrics");
  server.unref();
  return listening;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: TelemetryPages,
): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0];
  if (request.method !== "GET" && request.method !== "HEAD") {
    send(response, 405, "text/plain", "Only GET.\n", { allow: "GET, HEAD" });
  } else if (path === "/metrics") {
    const { text, contentType } = await pages.metrics();
    send(response, 200, contentType, text);
  } else if (path === "/healthz") {
    const health = pages.health();
    const status = health.status === "failing" ? 503 : 200;
    send(response, status, "application/json", `${JSON.stringify(health)}\n`);
  } else {
    send(response, 404, "text/plain", "Here are /metrics and /healthz.\n");
  }
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(text);
}
