import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Address } from "viem";
import { connectRun } from "../../workers/chain/connectRun.ts";
import { Endpoint } from "../../workers/chain/endpoint.ts";
import { rpcError } from "../../workers/chain/rpcErrors.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import type { RunLocation } from "../../workers/cli/runOptions.ts";
import { openRun } from "../../workers/node/run.ts";
import { RetryableError, WeftError } from "../../workers/protocol/errors.ts";
import type { ModelSettings, RunManifest, TrainingSettings } from "../../workers/protocol/manifest.ts";
import { parameterCount } from "../../workers/protocol/tensors.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { inspectKeyFile } from "../../workers/runtime/keys.ts";
import { systemFetch } from "../../workers/runtime/network.ts";
import { within } from "../../workers/runtime/within.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { openStore } from "../../workers/storage/openStore.ts";

/** Something that was tried: what came of it, or why nothing did. */
export type Tried<Value> = { readonly value: Value } | { readonly error: WeftError };

export interface EndpointReading {
  readonly chainId: number;
  /** Median of five requests. */
  readonly latencyMs: number;
  readonly head: bigint;
  /** Seconds by which this machine's clock is ahead of the latest block's time. */
  readonly clockAheadSeconds: number;
}

/** What was read off the run that a worker would join, and its surroundings. */
export interface RunReadings {
  /** By host: paths of RPC URLs carry keys. */
  readonly endpoints: readonly { readonly host: string; readonly reading: Tried<EndpointReading> }[];
  /** The chain that network.json names. */
  readonly expectedChainId: number | undefined;
  /** Length of a round in seconds. */
  readonly period: Tried<number>;
  /** Seconds to store a block and to read it back. */
  readonly content: Tried<number>;
  readonly training: Tried<{
    readonly model: ModelSettings;
    readonly settings: TrainingSettings;
    readonly overlap?: RunManifest["overlap"];
    readonly parameters: number;
  }>;
  /** The hotkey's file; undefined where none was named. */
  readonly key: Tried<{ readonly address: Address; readonly encrypted: boolean }> | undefined;
  readonly freeBytes: Tried<number>;
}

export interface ReadOptions {
  readonly location: RunLocation;
  readonly hotkeyFile: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const requests = 5;
const patienceMs = 15_000;
/** The same for every visit, so that visits leave one block. */
const probe = new TextEncoder().encode("weft doctor: what is stored here can be read again\n".repeat(1000));

/** Looks at each part once, whatever becomes of the others; nothing takes longer than 15 s. */
export async function readRun(options: ReadOptions): Promise<RunReadings> {
  const { location, hotkeyFile, clock, signal } = options;
  const attempt = <Value>(doing: string, work: (signal: AbortSignal) => Promise<Value>) =>
    tried(signal, () => {
      const late = () => new RetryableError("TOO_SLOW", `${doing} takes more than ${patienceMs / 1000} s`);
      return within(clock, patienceMs, signal, late, work);
    });
  const urls = location.rpcUrl.split(",").map((url) => url.trim());
  const endpoints = await Promise.all(
    urls.map(async (url) => ({
      host: URL.parse(url)?.host ?? url,
      reading: await attempt("the RPC", (bounded) => readEndpoint(url, clock, bounded)),
    })),
  );
  const contracts = await attempt("the registry", (bounded) => connectRun({ ...location, signal: bounded }));
  const store = await attempt("the content store", () =>
    openStore(location.store, { fetch: systemFetch, clock }),
  );
  return {
    endpoints,
    expectedChainId: location.chainId,
    period: map(contracts, ({ clock: { period } }) => period),
    content: await follow(store, (opened) =>
      attempt("storing and reading a block", (bounded) => roundTrip(opened, clock, bounded)),
    ),
    training: await follow(contracts, (run) =>
      follow(store, (opened) => attempt("the manifest", (bounded) => readTraining(run, opened, bounded))),
    ),
    key: hotkeyFile === undefined ? undefined : await tried(signal, () => inspectKeyFile(hotkeyFile)),
    freeBytes: await tried(signal, () => freeBytes(location.store.folder)),
  };
}

async function readEndpoint(url: string, clock: Clock, signal: AbortSignal): Promise<EndpointReading> {
  try {
    const endpoint = new Endpoint(url, signal);
    const { chainId } = await endpoint.identify();
    const times: number[] = [];
    let latest: unknown;
    for (let request = 0; request < requests; request++) {
      const started = clock.now();
      latest = await endpoint.request({ method: "eth_getBlockByNumber", params: ["latest", false] });
      times.push(clock.now() - started);
    }
    const { number, timestamp } = latest as { number: string; timestamp: string };
    return {
      chainId: Number(chainId),
      latencyMs: times.sort((a, b) => a - b)[requests >> 1],
      head: BigInt(number),
      clockAheadSeconds: clock.wall() / 1000 - Number(timestamp),
    };
  } catch (cause) {
    throw rpcError(cause, "look at the RPC");
  }
}

async function roundTrip(store: ContentStore, clock: Clock, signal: AbortSignal): Promise<number> {
  const started = clock.now();
  const ref = await store.put(probe, { signal });
  await store.get(ref, { signal, maxBytes: probe.length });
  return (clock.now() - started) / 1000;
}

async function readTraining(contracts: RunContracts, store: ContentStore, signal: AbortSignal) {
  const { manifest, specs } = await openRun(contracts, store, signal);
  const { model, training: settings, overlap } = manifest;
  return { model, settings, overlap, parameters: parameterCount(specs) };
}

/** Of the folder, or of the nearest one above it that is there. */
async function freeBytes(folder: string): Promise<number> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch (error) {
      if (path === dirname(path)) throw error;
    }
  }
}

async function tried<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Tried<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WeftError) return { error };
    throw error;
  }
}

async function follow<Value, Next>(
  before: Tried<Value>,
  work: (value: Value) => Promise<Tried<Next>>,
): Promise<Tried<Next>> {
  return "error" in before ? before : work(before.value);
}

function map<Value, Next>(before: Tried<Value>, change: (value: Value) => Next): Tried<Next> {
  return "error" in before ? before : { value: change(before.value) };
}
