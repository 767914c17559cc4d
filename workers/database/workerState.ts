import { createHash } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { Hex } from "viem";
import { FatalError } from "../protocol/errors.ts";
import type { Round } from "../protocol/quantities.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { systemErrorCode, writeFileAtomic } from "../runtime/files.ts";

/** What a worker carries from a round to the next: error feedback, moments, step count, … */
export interface WorkerState {
  /** Round that the state follows: it is what stood after this round's update. */
  readonly round: Round;
  /** Worker state root (DESIGN §10), checked by the caller. */
  readonly root: Hex;
  /** Optimiser steps taken so far. */
  readonly step: number;
  /** Hash of what computed it; absent where nobody said. */
  readonly machine?: Hex;
  /** By name, e.g. errorFeedback, firstMoments, secondMoments; each in manifest order. */
  readonly groups: Readonly<Record<string, Tensors>>;
}

const MAGIC = Buffer.from("WEFTWST1");
const SHA256_BYTES = 32;
/** Where the hashed part begins: after the magic and the hash itself. */
const HASHED = MAGIC.length + SHA256_BYTES;
/** Bytes of a JSON header beyond which it is none. */
const MAX_HEADER = 1 << 20;
const KEPT = 2;
const FILE = /^state-(\d+)\.bin$/;
const SAFE_INTEGER = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const headerSchema = v.strictObject({
  round: SAFE_INTEGER,
  root: v.custom<Hex>(isHash),
  step: SAFE_INTEGER,
  machine: v.optional(v.custom<Hex>(isHash)),
  /** Lengths, in values, of each group's tensors in file order. */
  groups: v.array(v.strictObject({ name: v.string(), lengths: v.array(SAFE_INTEGER) })),
});
function isHash(value: unknown): boolean {
  return typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value);
}

type Header = v.InferOutput<typeof headerSchema>;

/**
 * Saves the state as `state-<round>.bin` in `folder`, whole or not at all, and keeps one other, the newest, and those of
 * the rounds `needed`: the newest may be of rounds whose updates the chain never took. Layout: magic, sha256 of all that follows,
 * header length u32 LE, JSON header, fp32 LE tensors.
 * @throws what `writeFileAtomic` throws
 */
export async function saveWorkerState(
  folder: string,
  state: WorkerState,
  needed: readonly Round[] = [],
): Promise<void> {
  const groups = Object.entries(state.groups);
  const pieces = groups.flatMap(([, tensors]) => tensors.map(bytesOf));
  const header: Header = {
    round: state.round,
    root: state.root,
    step: state.step,
    ...(state.machine === undefined ? {} : { machine: state.machine }),
    groups: groups.map(([name, tensors]) => ({ name, lengths: tensors.map((tensor) => tensor.length) })),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const hashed = [length, json, ...pieces];
  await writeFileAtomic(fileOf(folder, state.round), [MAGIC, hashOf(hashed), ...hashed]);
  const others = savedRounds(folder).filter((round) => round !== state.round);
  const old = others.slice(KEPT - 1).filter((round) => !needed.includes(round));
  for (const round of old) await rm(fileOf(folder, round), { force: true });
}

/** Rounds with a saved state, newest first; none when the folder is missing. */
export function savedRounds(folder: string): Round[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
  const rounds = names.map((name) => FILE.exec(name)?.[1]).filter((digits) => digits !== undefined);
  return rounds.map(Number).sort((a, b) => b - a);
}

/** Removes the states saved for `first` and later rounds. */
export function dropWorkerStates(folder: string, first: Round): void {
  for (const round of savedRounds(folder)) {
    if (round >= first) rmSync(fileOf(folder, round), { force: true });
  }
}

/**
 * Loads the state saved for `round`; undefined when there is none.
 * @throws FatalError WORKER_STATE_CORRUPT
 */
export async function loadWorkerState(folder: string, round: Round): Promise<WorkerState | undefined> {
  const path = fileOf(folder, round);
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const { header, body } = parse(path, file);
  if (header.round !== round) throw corrupt(path, "another round's file");
  const groups: Record<string, Tensors> = {};
  let offset = 0;
  for (const { name, lengths } of header.groups) {
    groups[name] = lengths.map((length) => {
      const tensor = new Float32Array(length);
      bytesOf(tensor).set(body.subarray(offset, offset + 4 * length));
      offset += 4 * length;
      return tensor;
    });
  }
  const { root, step, machine } = header;
  return { round, root, step, ...(machine === undefined ? {} : { machine }), groups };
}

/**
 * The root that stands in the file saved for `round`, read without the rest and therefore not checked; undefined where there
 * is none that can be read.
 */
export async function savedRoot(folder: string, round: Round): Promise<Hex | undefined> {
  const start = Buffer.alloc(HASHED + 4);
  try {
    await using file = await open(fileOf(folder, round));
    await file.read(start, 0, start.length, 0);
    const length = start.readUInt32LE(HASHED);
    if (!start.subarray(0, MAGIC.length).equals(MAGIC) || length > MAX_HEADER) return undefined;
    const json = Buffer.alloc(length);
    await file.read(json, 0, length, start.length);
    const header = v.safeParse(headerSchema, JSON.parse(json.toString("utf8")));
    return header.success && header.output.round === round ? header.output.root : undefined;
  } catch {
    return undefined;
  }
}

function parse(path: string, file: Buffer): { header: Header; body: Buffer } {
  if (file.length < HASHED + 4 || !file.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw corrupt(path, "no worker state");
  }
  if (!hashOf([file.subarray(HASHED)]).equals(file.subarray(MAGIC.length, HASHED))) {
    throw corrupt(path, "wrong checksum");
  }
  const start = HASHED + 4 + file.readUInt32LE(HASHED);
  let json: unknown;
  try {
    json = JSON.parse(file.toString("utf8", HASHED + 4, start));
  } catch (cause) {
    throw corrupt(path, "unreadable header", cause);
  }
  const result = v.safeParse(headerSchema, json);
  if (!result.success) throw corrupt(path, "unknown header");
  const header = result.output;
  const body = file.subarray(start);
  const values = header.groups.flatMap((group) => group.lengths).reduce((sum, length) => sum + length, 0);
  if (body.length !== 4 * values) throw corrupt(path, "wrong length");
  return { header, body };
}

/** The tensor's own memory. The format is little-endian, as is every platform that Node runs on. */
function bytesOf(tensor: Float32Array): Uint8Array {
  return new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
}

function hashOf(pieces: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

function fileOf(folder: string, round: Round): string {
  return join(folder, `state-${round}.bin`);
}

function corrupt(path: string, what: string, cause?: unknown): FatalError {
  return new FatalError("WORKER_STATE_CORRUPT", `${path}: ${what}`, {
    cause,
    data: { path, what },
    hint: "Move the file away: the worker then starts from an older state, or from zero with a visible reset.",
  });
}
