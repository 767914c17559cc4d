import { type Hex, hexToBytes } from "viem";
import { FatalError } from "../protocol/errors.ts";
import type { TensorSpec, Tensors } from "../protocol/tensors.ts";
import { sizeOf, zeros } from "../protocol/tensors.ts";
import { digestOfParts, refFor, refOf } from "../storage/contentRef.ts";
import type { ContentRef } from "../storage/contentStore.ts";

/** AdamW's memory, kept across rounds. */
export interface Moments {
  readonly first: Tensors;
  readonly second: Tensors;
  /** Steps since both were zero. */
  readonly steps: number;
}

/** What a miner carries from round to round besides the shared parameters. */
export interface WorkerState {
  readonly errorFeedback: Tensors;
  readonly moments: Moments;
  /** `machineHash` of what computed the round that led here; absent where nobody said, and in the zero state. */
  readonly machine?: Hex;
}

/** What an index says: the content of each tensor, in manifest order, and what is not a tensor. */
export interface WorkerStateIndex {
  readonly tensors: readonly ContentRef[];
  readonly steps: number;
  readonly machine: Hex | undefined;
}

/** Error feedback, first and second moment of one tensor. */
export interface TensorState {
  readonly errorFeedback: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

const digestBytes = 32;
const stepsBytes = 4;
const noMachine = `0x${"00".repeat(32)}`;

/** The state a miner starts with, and returns to by a reset. */
export function zeroWorkerState(specs: readonly TensorSpec[]): WorkerState {
  return { errorFeedback: zeros(specs), moments: { first: zeros(specs), second: zeros(specs), steps: 0 } };
}

/** Content of a tensor's part of the state, 12 bytes a parameter: error feedback, first, second moment, fp32 LE. */
export function tensorStateBytes(state: WorkerState, index: number): Uint8Array {
  return Buffer.concat(tensorStateParts(state, index));
}

function tensorStateParts({ errorFeedback, moments }: WorkerState, index: number): Uint8Array[] {
  return [errorFeedback[index], moments.first[index], moments.second[index]].map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
}

/** Bytes of any index of these tensors. */
export function indexSize(specs: readonly TensorSpec[]): number {
  return digestBytes * (specs.length + 1) + stepsBytes;
}

/** Content of the index: the digest of every tensor's content, steps as u32 LE, the machine's hash (zeros for none). */
export function indexBytes(specs: readonly TensorSpec[], state: WorkerState): Uint8Array {
  const bytes = new Uint8Array(indexSize(specs));
  for (let index = 0; index < specs.length; index++)
    bytes.set(hexToBytes(digestOfParts(tensorStateParts(state, index))), index * digestBytes);
  const end = specs.length * digestBytes;
  new DataView(bytes.buffer).setUint32(end, state.moments.steps, true);
  bytes.set(Buffer.from((state.machine ?? noMachine).slice(2), "hex"), end + stepsBytes);
  return bytes;
}

/**
 * Root of a worker's state (ADR 19): the digest of its index's content. Whoever knows it knows where the state lies, if
 * it was published, and whether what lies there is right.
 */
export function workerStateRoot(specs: readonly TensorSpec[], state: WorkerState): Hex {
  return refOf(indexBytes(specs, state)).digest;
}

/** @throws FatalError WORKER_STATE_SIZE for bytes of another length than these tensors have */
export function parseIndex(specs: readonly TensorSpec[], bytes: Uint8Array): WorkerStateIndex {
  requireSize(bytes, indexSize(specs));
  const at = (start: number): Hex =>
    `0x${Buffer.from(bytes.subarray(start, start + digestBytes)).toString("hex")}`;
  const end = specs.length * digestBytes;
  const machine = at(end + stepsBytes);
  return {
    tensors: specs.map((spec, index) => refFor(at(index * digestBytes), 12 * sizeOf(spec))),
    steps: new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true),
    machine: machine === noMachine ? undefined : machine,
  };
}

/** @throws FatalError WORKER_STATE_SIZE for other than 12 bytes a parameter */
export function parseTensorState(spec: TensorSpec, bytes: Uint8Array): TensorState {
  const size = sizeOf(spec);
  requireSize(bytes, 12 * size);
  // A copy: content need not be aligned. A Buffer's own slice would be a view.
  const values = new Float32Array(new Uint8Array(bytes).buffer);
  const part = (index: number) => values.slice(index * size, (index + 1) * size);
  return { errorFeedback: part(0), first: part(1), second: part(2) };
}

function requireSize({ length }: Uint8Array, expected: number): void {
  if (length === expected) return;
  const data = { length, expected };
  throw new FatalError("WORKER_STATE_SIZE", `a worker state has ${length} bytes instead of ${expected}`, {
    data,
  });
}
