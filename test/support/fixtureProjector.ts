import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { ApiError, Status } from "../../workers/projector/api.ts";
import type { TextEvent } from "../../workers/projector/apiText.ts";
import { receipt } from "./fixtureReceipt.ts";
import * as run from "./fixtureRun.ts";

/** The strictest policy that the pages are to work under. */
const policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export interface FixtureProjector {
  readonly url: string;
  /** What every later answer and event says of the status. */
  say(status: Status): void;
  /** Answers a path with something else: a body, or an error with its HTTP status. Undefined: as before. */
  answer(path: string, body: unknown, status?: number): void;
  /** What every later text is, with an error at the end where one is given; without an `end` it stays open. */
  write(events: readonly TextEvent[], error?: ApiError): void;
  /** How many texts are open. */
  texts(): number;
  /** Ends all event streams; new ones are refused while `refuse`. */
  cutEvents(refuse: boolean): void;
  /** How many streams of events are open. */
  streams(): number;
  close(): Promise<void>;
}

/** Serves a built dashboard and the API of an invented run, on a free port of loopback. */
export async function startFixtureProjector(dist: string, port = 0): Promise<FixtureProjector> {
  let status = run.status();
  let refusing = false;
  const streams = new Set<ServerResponse>();
  const texts = new Set<ServerResponse>();
  let text = "";
  const answers = new Map<string, { readonly body: unknown; readonly status: number }>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    void respond(url, response).catch(() => response.destroy());
  });

  async function respond(url: URL, response: ServerResponse): Promise<void> {
    if (url.pathname === "/api/events") return stream(response);
    if (url.pathname === "/api/text" && !answers.has(url.pathname)) return write(response);
    if (!url.pathname.startsWith("/api/")) return file(url.pathname, response);
    const told = answers.get(url.pathname);
    const found = told?.body ?? apiAnswer(url, status);
    const missing: ApiError = { code: "NOT_FOUND", message: `there is no ${url.pathname}`, hint: null };
    const code = told?.status ?? (found === undefined ? 404 : 200);
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(found ?? missing));
  }

  function stream(response: ServerResponse): void {
    if (refusing) {
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    streams.add(response);
    response.on("close", () => streams.delete(response));
    response.write(eventOf("status", status));
  }

  function write(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    texts.add(response);
    response.on("close", () => texts.delete(response));
    response.write(text);
    if (/^event: (end|error)$/m.test(text)) response.end();
  }

  async function file(pathname: string, response: ServerResponse): Promise<void> {
    const name = path.normalize(pathname === "/" ? "/index.html" : pathname);
    const content = await readFile(path.join(dist, name)).catch(() => undefined);
    response.writeHead(content === undefined ? 404 : 200, {
      "content-type": types[path.extname(name)] ?? "application/octet-stream",
      "content-security-policy": policy,
    });
    response.end(content);
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    say(next) {
      status = next;
      for (const response of streams) response.write(eventOf("status", next));
    },
    answer(at, body, code = 200) {
      if (body === undefined) answers.delete(at);
      else answers.set(at, { body, status: code });
    },
    write(events, error) {
      const told = events.map((event) => eventOf(event.type, event));
      text = [...told, ...(error === undefined ? [] : [eventOf("error", error)])].join("");
    },
    texts: () => texts.size,
    cutEvents(refuse) {
      refusing = refuse;
      for (const response of streams) response.destroy();
    },
    streams: () => streams.size,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function eventOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function apiAnswer(url: URL, status: Status): unknown {
  const [, , kind, id, detail, last] = url.pathname.split("/");
  const number = Number(id);
  switch (kind) {
    case "status":
      return status;
    case "network":
      return run.network;
    case "models":
      return run.models;
    case "rounds":
      if (id === undefined) return run.rounds(Number(url.searchParams.get("from") ?? 0));
      return number <= run.lastRound ? run.roundPage(number) : undefined;
    case "epochs":
      if (id === undefined) return run.epochs;
      return detail === "weights" ? run.weights(number) : undefined;
    case "neurons":
      if (id === undefined) return run.neurons;
      if (number < 1 || number > 8) return undefined;
      return detail === "receipts" ? receipt(number - 1, Number(last)) : run.neuronPage(number - 1);
    default:
      return undefined;
  }
}

if (import.meta.main) {
  const served = await startFixtureProjector(
    process.argv[2] ?? "dashboard/dist",
    Number(process.argv[3] ?? 0),
  );
  console.log(served.url);
}
