import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Bits a second, each way. */
export interface Link {
  readonly up: number;
  readonly down: number;
}

/** Seconds that bytes take on a link of that many bits a second which does nothing else. */
export function transferSeconds(bytes: number, bitsPerSecond: number): number {
  return (8 * bytes) / bitsPerSecond;
}

const pieceBytes = 16_384;

/**
 * Sends bytes through a pipe on loopback that lets no more through than the rate: every piece leaves when the pieces before it
 * would have passed the link. Seconds until the last byte has come.
 */
export async function measureTransfer(bytes: Uint8Array, bitsPerSecond: number): Promise<number> {
  const server = createServer(async (socket) => {
    const started = performance.now();
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes);
      const due = started + 1000 * transferSeconds(start + piece.length, bitsPerSecond);
      const wait = due - performance.now();
      if (wait > 1) await pause(wait);
      socket.write(piece);
    }
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  try {
    const started = performance.now();
    let came = 0;
    for await (const chunk of connect(address.port, "127.0.0.1")) came += chunk.length;
    if (came !== bytes.length) throw new Error(`${came} of ${bytes.length} bytes came`);
    return (performance.now() - started) / 1000;
  } finally {
    server.close();
  }
}
