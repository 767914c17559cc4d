import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { base32upper } from "multiformats/bases/base32";
import { CID } from "multiformats/cid";
import type { ContentRef } from "../../workers/storage/contentStore.ts";
import { startTied, type Tied } from "./tied.ts";

const run = promisify(execFile);

/** A Kubo daemon of a test's own: on loopback, with a repository in a temporary folder, knowing nobody. */
export interface KuboDaemon {
  readonly api: URL;
  readonly gateway: URL;
  /** Folder of the daemon's repository. */
  readonly repository: string;
  /** Makes the two daemons peers of each other. */
  connectTo(other: KuboDaemon): Promise<void>;
  stop(): Promise<void>;
}

/** The `ipfs` binary to test with, or why there is none. */
export async function findKubo(): Promise<{ readonly binary: string } | { readonly missing: string }> {
  const binary = process.env.KUBO_BINARY ?? "ipfs";
  try {
    await run(binary, ["version"]);
    return { binary };
  } catch {
    return { missing: `${binary} does not run: .ci/run builds it where Go is there, see test/support/kubo` };
  }
}

export async function startKubo(binary: string, repository: string): Promise<KuboDaemon> {
  const env = { ...process.env, IPFS_PATH: repository, IPFS_TELEMETRY: "off" };
  await run(binary, ["init", "--profile=test"], { env });
  await isolate(repository, {
    API: "/ip4/127.0.0.1/tcp/0",
    Gateway: "/ip4/127.0.0.1/tcp/0",
    Swarm: ["/ip4/127.0.0.1/tcp/0"],
  });
  const daemon = startTied([binary, "daemon", "--migrate=false"], { env });
  await ready(daemon);
  const api = await addressIn(path.join(repository, "api"));
  const gateway = new URL((await readFile(path.join(repository, "gateway"), "utf8")).trim());
  return {
    api,
    gateway,
    repository,
    async connectTo(other) {
      const post = (base: URL, command: string) =>
        fetch(new URL(`api/v0/${command}`, base), { method: "POST" });
      const identity: unknown = await (await post(other.api, "id")).json();
      if (typeof identity !== "object" || identity === null || !("Addresses" in identity))
        throw new Error("no id");
      const [address] = identity.Addresses as string[];
      const answer = await post(api, `swarm/connect?arg=${encodeURIComponent(address)}`);
      if (!answer.ok) throw new Error(await answer.text());
    },
    async stop() {
      await daemon.stop("SIGTERM");
    },
  };
}

/** Sets a repository's daemon up to look for nobody: it knows whom it is told of. */
export async function isolate(
  repository: string,
  addresses: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const file = path.join(repository, "config");
  const config = JSON.parse(await readFile(file, "utf8"));
  config.Addresses = { ...config.Addresses, ...addresses };
  config.Bootstrap = [];
  config.Routing = { Type: "none" };
  config.Discovery = { MDNS: { Enabled: false } };
  config.AutoConf = { Enabled: false };
  await writeFile(file, JSON.stringify(config));
}

function ready(daemon: Tied): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = "";
    for (const stream of [daemon.stdout, daemon.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        if (printed.includes("Daemon is ready")) resolve();
      });
    daemon.ended.then((code) => reject(new Error(`ipfs daemon ended with ${code}: ${printed}`)), reject);
  });
}

/** A multiaddress /ip4/HOST/tcp/PORT as a URL. */
async function addressIn(file: string): Promise<URL> {
  const [, , host, , port] = (await readFile(file, "utf8")).trim().split("/");
  return new URL(`http://${host}:${port}`);
}

/** Overwrites the root block of `ref` in the daemon's files, behind its back. */
export async function damageBlock(repository: string, ref: ContentRef): Promise<void> {
  const { digest } = CID.parse(ref.cid).multihash;
  // Files of the block store are named by the multihash in upper-case base32.
  const name = `${base32upper.encode(Buffer.concat([Buffer.of(0x12, 0x20), digest])).slice(1)}.data`;
  const blocks = path.join(repository, "blocks");
  const file = (await readdir(blocks, { recursive: true })).find((entry) => path.basename(entry) === name);
  if (file === undefined) throw new Error(`${name} is not among the daemon's blocks`);
  const bytes = await readFile(path.join(blocks, file));
  bytes[0] ^= 1;
  await writeFile(path.join(blocks, file), bytes);
}
