import type { Server } from "node:http";
import { FatalError } from "../protocol/errors.ts";

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** A server that listens. */
export interface Listening {
  readonly address: ListenAddress;
  /** Ends every connection. */
  close(): Promise<void>;
}

/**
 * Lets a server listen.
 * @param option names the command line's option in hints
 * @throws FatalError ADDRESS_IN_USE, ADDRESS_UNUSABLE
 */
export async function listenOn(
  server: Server,
  { host, port }: ListenAddress,
  option: string,
): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === "EADDRINUSE";
      const hint = inUse ? `Give another port with ${option}.` : `Check ${option}: [host:]port.`;
      const words = inUse ? "is in use" : "cannot be listened on";
      const code = inUse ? "ADDRESS_IN_USE" : "ADDRESS_UNUSABLE";
      reject(new FatalError(code, `${host}:${port} ${words}`, { cause, data: { host, port }, hint }));
    });
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  return {
    address: { host, port: typeof bound === "object" && bound !== null ? bound.port : port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
