import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type ListenAddress, type Listening, listenOn } from "../runtime/listen.ts";
import { type RouteOptions, routes } from "./routes.ts";

const headersMs = 5_000;
const requestMs = 10_000;
const mostConnections = 256;

/** Serves the projector until closed. @throws as `listenOn` */
export async function serveProjector(listen: ListenAddress, options: RouteOptions): Promise<Listening> {
  const server = createServer(getRequestListener(routes(options).fetch));
  server.headersTimeout = headersMs;
  server.requestTimeout = requestMs;
  server.maxConnections = mostConnections;
  return listenOn(server, listen, "--listen");
}
