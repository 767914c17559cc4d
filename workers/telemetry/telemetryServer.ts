import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { FatalError } from "../protocol/errors.ts";
import type { Health } from "./health.ts";

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface TelemetryPages {
  /** Prometheus's text format. */
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
  health(): Health;
}

export interface TelemetryServer {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

const requestMs = 5_000;
const mostConnections = 16;

/**
 * Serves `/metrics` and `/healthz` (200, or 503 where it fails) until closed. It keeps no process alive.
 * @throws FatalError ADDRESS_IN_USE, ADDRESS_UNUSABLE
 */
export async function serveTelemetry(listen: ListenAddress, pages: TelemetryPages): Promise<TelemetryServer> {
  const server = createServer((request, response) => {
    answer(request, response, pages).catch(() => response.destroy());
  });
  server.requestTimeout = requestMs;
  server.headersTimeout = requestMs;
  server.keepAliveTimeout = requestMs;
  server.maxConnections = mostConnections;
  await listening(server, listen);
  server.unref();
  const bound = server.address();
  return {
    address: {
      host: listen.host,
      port: typeof bound === "object" && bound !== null ? bound.port : listen.port,
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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

async function listening(server: Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === "EADDRINUSE";
      const hint = inUse ? "Give another port with --metrics." : "Check --metrics: [host:]port.";
      const words = inUse ? "is in use" : "cannot be listened on";
      const code = inUse ? "ADDRESS_IN_USE" : "ADDRESS_UNUSABLE";
      reject(new FatalError(code, `${host}:${port} ${words}`, { cause, data: { host, port }, hint }));
    });
    server.listen(port, host, resolve);
  });
}
