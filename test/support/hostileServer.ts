import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { patternBytes } from "./contentStoreCompliance.ts";

/** What the block is that these servers are asked for. */
export const soughtBlock = patternBytes(5000);

/** How a server answers: it gets the socket once the request's head is there. */
export interface HostileAnswer {
  /** What a read of the block ends with. */
  readonly code: "STORE_UNAVAILABLE" | "BLOCK_CORRUPT" | "CONTENT_MISSING";
  answer(socket: Socket): void;
}

const head = (length: number | string, more = "", status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${length}\r\n${more}\r\n`;
const unbounded = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";

/** Writes `chunk` until the other side has had enough. */
function pour(socket: Socket, chunk: Uint8Array | string): void {
  const write = (): void => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on("drain", write);
  write();
}

/** Writes `chunk` every `ms` milliseconds. */
function drip(socket: Socket, chunk: Uint8Array | string, ms = 20): void {
  const timer = setInterval(() => socket.write(chunk), ms);
  socket.once("close", () => clearInterval(timer));
}

/** A gzip stream of 64 MiB of zeros, and one of that stream. */
const zipped = gzipSync(new Uint8Array(1 << 26));
const zippedTwice = gzipSync(zipped);

/** Each of these takes the request for a block and harms whoever asked. */
export const hostileAnswers: Readonly<Record<string, HostileAnswer>> = {
  "an answer of random bytes": {
    code: "BLOCK_CORRUPT",
    answer: (socket) => socket.end(Buffer.concat([Buffer.from(head(300)), patternBytes(300)])),
  },
  "a page that says sorry with status 200": {
    code: "BLOCK_CORRUPT",
    answer: (socket) => socket.end(`${head(21, "content-type: text/html\r\n")}<html>sorry</html>\r\n\r\n`),
  },
  "the block with bytes behind it": {
    code: "BLOCK_CORRUPT",
    answer: (socket) => socket.end(Buffer.concat([Buffer.from(unbounded), soughtBlock, Buffer.of(0)])),
  },
  "half of the block as if it were all": {
    code: "BLOCK_CORRUPT",
    answer: (socket) => socket.end(Buffer.concat([Buffer.from(head(2500)), soughtBlock.subarray(0, 2500)])),
  },
  "less than its length promises": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) => socket.end(Buffer.concat([Buffer.from(head(5000)), soughtBlock.subarray(0, 2500)])),
  },
  "no bytes at all": { code: "BLOCK_CORRUPT", answer: (socket) => socket.end(head(0)) },
  "a body without end": {
    code: "BLOCK_CORRUPT",
    answer(socket) {
      socket.write(unbounded);
      pour(socket, new Uint8Array(1 << 16));
    },
  },
  "chunks without end": {
    code: "BLOCK_CORRUPT",
    answer(socket) {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      pour(socket, `1000\r\n${"x".repeat(0x1000)}\r\n`);
    },
  },
  "a chunk that says it is 2 ** 60 bytes": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) =>
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1000000000000000\r\nx"),
  },
  "a length of 10 TB and nothing more": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) => socket.write(head("10000000000000")),
  },
  "a body that drips": {
    code: "STORE_UNAVAILABLE",
    answer(socket) {
      socket.write(head(5000));
      drip(socket, "x");
    },
  },
  "headers that drip": {
    code: "STORE_UNAVAILABLE",
    answer(socket) {
      socket.write("HTTP/1.1 200 OK\r\n");
      drip(socket, "x: y\r\n");
    },
  },
  "headers without end": {
    code: "STORE_UNAVAILABLE",
    answer(socket) {
      socket.write("HTTP/1.1 200 OK\r\n");
      pour(socket, `x-${"y".repeat(500)}: z\r\n`.repeat(100));
    },
  },
  "interim answers without end": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) => drip(socket, "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", 1),
  },
  "one header of a megabyte": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) => socket.write(head(5, `x: ${"y".repeat(1 << 20)}\r\n`)),
  },
  "silence before the headers": { code: "STORE_UNAVAILABLE", answer: () => {} },
  "silence within the body": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) => socket.write(Buffer.concat([Buffer.from(head(5000)), soughtBlock.subarray(0, 99)])),
  },
  "a reset within the body": {
    code: "STORE_UNAVAILABLE",
    answer(socket) {
      socket.write(head(5000));
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
  },
  "no HTTP": { code: "STORE_UNAVAILABLE", answer: (socket) => socket.end("220 mail.example ESMTP\r\n") },
  "a redirect": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) => socket.end(head(0, "location: http://169.254.169.254/latest\r\n", "302 Found")),
  },
  "a redirect to itself": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) => socket.end(head(0, "location: /\r\n", "308 Permanent Redirect")),
  },
  "an error with a text without end": {
    code: "STORE_UNAVAILABLE",
    answer(socket) {
      socket.write("HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\n\r\n");
      pour(socket, "not found ".repeat(5000));
    },
  },
  "a gzip bomb": {
    code: "BLOCK_CORRUPT",
    answer(socket) {
      socket.write(head(zipped.length, "content-encoding: gzip\r\n"));
      socket.end(zipped);
    },
  },
  "a gzip bomb in a gzip bomb": {
    code: "BLOCK_CORRUPT",
    answer(socket) {
      socket.write(head(zippedTwice.length, "content-encoding: gzip, gzip\r\n"));
      socket.end(zippedTwice);
    },
  },
  "what says it is gzip and is not": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) =>
      socket.end(Buffer.concat([Buffer.from(head(5000, "content-encoding: gzip\r\n")), soughtBlock])),
  },
  "a thousand encodings": {
    code: "STORE_UNAVAILABLE",
    answer: (socket) =>
      socket.end(
        Buffer.concat([
          Buffer.from(head(5000, `content-encoding: ${Array(1000).fill("gzip").join(", ")}\r\n`)),
          soughtBlock,
        ]),
      ),
  },
  "status 404": { code: "CONTENT_MISSING", answer: (socket) => socket.end(head(0, "", "404 Not Found")) },
};

/** The answer of an honest server. */
export function serveSought(socket: Socket): void {
  socket.end(Buffer.concat([Buffer.from(head(soughtBlock.length)), soughtBlock]));
}

/** A server on loopback that answers every request in that way. */
export async function hostileServer(
  answer: (socket: Socket) => void,
): Promise<{ readonly url: URL; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    let request = "";
    const hear = (data: Buffer): void => {
      request += data.toString("latin1");
      if (!request.includes("\r\n\r\n")) return;
      socket.off("data", hear).resume();
      answer(socket);
    };
    socket.on("data", hear);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    url: new URL(`http://127.0.0.1:${address.port}`),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
