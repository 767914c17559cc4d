import { FatalError } from "../protocol/errors.ts";
import { BackOff } from "./backOff.ts";
import { FileBlockstore } from "./blockstore.ts";
import type { ContentStore } from "./contentStore.ts";
import { gatewayBlocks, type HttpBlockOptions } from "./httpBlocks.ts";
import type { Pins } from "./kuboStore.ts";
import { LocalStore } from "./localStore.ts";
import { firstOf } from "./sources.ts";
import { timedReads } from "./timedReads.ts";

/** Where content is. One setting decides: with an IPFS API it is that daemon, without one the folder. */
export interface StoreSettings {
  /** Folder of the local store, and of the cache of an IPFS store. */
  readonly folder: string;
  /** RPC API of a Kubo daemon (`IPFS_API`). */
  readonly ipfsApi: string | undefined;
  /** HTTP trustless gateways, asked in order for what the store itself lacks. From local settings alone. */
  readonly gateways: readonly string[];
}

/** The settings that stand in the environment, unless `given` says otherwise. */
export function storeSettings(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  given: { readonly ipfs?: string; readonly gateway?: readonly string[] } = {},
): StoreSettings {
  const listed = (environment.IPFS_GATEWAYS ?? "").split(",").map((url) => url.trim());
  return {
    folder,
    ipfsApi: given.ipfs ?? (environment.IPFS_API || undefined),
    gateways: given.gateway ?? listed.filter((url) => url !== ""),
  };
}

/** Milliseconds without a byte after which a source of blocks is given up. */
export const stallMs = 15_000;
/** Milliseconds a source may take for one block of up to 2 MiB: 35 kB/s. */
export const blockMs = 60_000;

/** A store, and the parts of it from which content is removed. */
export interface OpenedStore {
  readonly store: ContentStore;
  /** The folder: the content itself, or the cache of a daemon. */
  readonly blocks: FileBlockstore;
  /** The daemon's pins; undefined where the folder is the store. */
  readonly pins: Pins | undefined;
  /** Whether blocks come from elsewhere into the folder. */
  readonly fetches: boolean;
}

/** @throws FatalError OPTION_INVALID; StoreError */
export async function openStore(
  settings: StoreSettings,
  network: Pick<HttpBlockOptions, "fetch" | "clock">,
): Promise<ContentStore> {
  return (await openStoreParts(settings, network)).store;
}

/** @throws as `openStore` */
export async function openStoreParts(
  { folder, ipfsApi, gateways }: StoreSettings,
  network: Pick<HttpBlockOptions, "fetch" | "clock">,
): Promise<OpenedStore> {
  const options = { ...network, stallMs, blockMs };
  const urls = gateways.map((gateway) => urlOf("gateway", gateway));
  const blocks = new FileBlockstore(folder);
  if (ipfsApi === undefined) {
    const sources = urls.map((url) => ({ name: url.origin, read: gatewayBlocks(url, options) }));
    if (sources.length === 0)
      return { store: await LocalStore.open(folder), blocks, pins: undefined, fetches: false };
    const store = await LocalStore.open(folder, firstOf(sources, new BackOff(network.clock)));
    return { store: timedReads(store, network.clock), blocks, pins: undefined, fetches: true };
  }
  await blocks.sweep();
  // Its client is some 20 MB of memory, which most nodes do without.
  const { KuboStore } = await import("./kuboStore.ts");
  const kubo = new KuboStore({ ...options, api: urlOf("IPFS_API", ipfsApi), gateways: urls, cache: blocks });
  return { store: timedReads(kubo, network.clock), blocks, pins: kubo, fetches: true };
}

function urlOf(what: string, text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new FatalError("OPTION_INVALID", `${what} is ${text}`, {
    hint: "Give an http:// or https:// address.",
  });
}
