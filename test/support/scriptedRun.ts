import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Hex, keccak256, toHex } from "viem";
import { VirtualClock } from "../../lab/training/virtualClock.ts";
import type { UpdateHeader } from "../../workers/codec/header.ts";
import type { SparseTensor } from "../../workers/codec/sparseTensor.ts";
import { encodeUpdate } from "../../workers/codec/update.ts";
import { Beacons } from "../../workers/node/beacons.ts";
import { RunFollower, type RunFollowerOptions } from "../../workers/node/follower.ts";
import { ModelStates } from "../../workers/node/modelStates.ts";
import { openRun, type Run } from "../../workers/node/run.ts";
import { sealUpdate } from "../../workers/node/sealing.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import {
  type AuditSettings,
  canonicalManifest,
  manifestHash,
  type RunManifest,
} from "../../workers/protocol/manifest.ts";
import type { Round } from "../../workers/protocol/quantities.ts";
import { type Tensors, zeros } from "../../workers/protocol/tensors.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import type { MetricRow } from "../../workers/runtime/metrics.ts";
import { refOf } from "../../workers/storage/contentRef.ts";
import type { ContentRef } from "../../workers/storage/contentStore.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";
import { ScriptedChain, type ScriptedNeuron } from "./scriptedChain.ts";
import { temporaryFolder } from "./temporaryFolder.ts";
import { publishTinyRun } from "./tinyRun.ts";

/** Never aborts. */
export const never = new AbortController().signal;
const mostSleeps = 2_000;

/** Sleeping takes no time: what should happen meanwhile happens in `onSleep`. */
export class SleepClock extends VirtualClock {
  onSleep: () => unknown = () => undefined;
  sleeps = 0;

  protected override slept(): unknown {
    this.sleeps += 1;
    if (this.sleeps > mostSleeps) throw new Error("slept too often");
    return this.onSleep();
  }
}

/** An update as it stands on chain, and what is in it. */
export interface SealedUpdate {
  readonly content: {
    readonly digest: Hex;
    readonly size: number;
    readonly dataRoot: Hex;
    readonly salt: Hex;
  };
  readonly ref: ContentRef;
  readonly encrypted: Uint8Array;
  readonly tensors: readonly SparseTensor[];
}

export type ScriptedRun = Awaited<ReturnType<typeof scriptedRun>>;

/** The tiny model's run over a scripted chain and a content store of the test's own. */
export async function scriptedRun(
  test: Pick<TestContext, "after">,
  audit?: AuditSettings,
  overlap?: RunManifest["overlap"],
) {
  const dir = temporaryFolder(test);
  const store = await LocalStore.open(join(dir, "content"));
  const manifest = await publishTinyRun(store, never, audit, overlap);
  const { digest, size } = await store.put(canonicalManifest(manifest), { signal: never });
  const chain = new ScriptedChain({ hash: manifestHash(manifest), digest, size });
  const run = await openRun(chain.contracts, store, never);
  const { root } = manifest.genesisState;

  /** An update of pseudo-random values, stored unless `stored` is false; `change` makes its header another. */
  async function seal(
    { neuronId }: ScriptedNeuron,
    round: Round,
    options: { change?: Partial<UpdateHeader>; stored?: boolean; bytes?: Uint8Array } = {},
  ): Promise<SealedUpdate> {
    const salt = keccak256(toHex(`salt ${neuronId} ${round}`));
    const header = {
      manifestHash: run.manifestHash,
      round,
      neuronId,
      parentRoot: root,
      stateBefore: root,
      stateAfter: root,
      ...options.change,
    };
    const { bytes, tensors } = encodeUpdate(
      header,
      run.specs,
      valuesOf(run, Number(neuronId) * 97 + round),
      manifest.compression,
    );
    const { encrypted, dataRoot } = sealUpdate(run, options.bytes ?? bytes, neuronId, round, salt);
    const ref = refOf(encrypted);
    if (options.stored !== false) await store.put(encrypted, { signal: never });
    return { content: { digest: ref.digest, size: ref.size, dataRoot, salt }, ref, encrypted, tensors };
  }

  /** Commits and reveals an update in the current block. */
  function publish(neuron: ScriptedNeuron, round: Round, { content }: SealedUpdate): void {
    chain.commit(round, neuron, content).reveal(round, neuron, content);
  }

  /** A node of this run with a folder of its own. */
  async function node(
    name: string,
    clock: Clock,
    overrides: Partial<Run> = {},
    following?: Omit<RunFollowerOptions, "clock" | "log">,
  ) {
    const ownRun = { ...run, ...overrides };
    const follower =
      following === undefined
        ? chain.follower(clock)
        : new RunFollower({ ...following, clock, log: silentLog });
    const beacons = new Beacons(ownRun, follower);
    const updates = new UpdateReader(ownRun, clock);
    const rows: MetricRow[] = [];
    const folder = join(dir, name);
    const metrics = { record: (row: MetricRow) => void rows.push(row) };
    const parts = { run: ownRun, follower, beacons, updates, clock, log: silentLog, metrics };
    await follower.sync(never);
    const states = await ModelStates.open({ ...parts, folder: join(folder, "model") }, never);
    return { ...parts, folder, rows, states };
  }

  return { dir, store, chain, run, root, seal, publish, node };
}

/** Values of about the size that training has, the same for the same seed. */
export function valuesOf(run: Run, seed: number): Tensors {
  const values = zeros(run.specs);
  let state = (seed * 2654435761) >>> 0;
  for (const tensor of values) {
    for (let position = 0; position < tensor.length; position++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      tensor[position] = 0.01 * (state / 2 ** 31 - 1);
    }
  }
  return values;
}
