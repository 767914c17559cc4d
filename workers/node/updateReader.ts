import type { Hex } from "viem";
import type { UpdateHeader } from "../codec/header.ts";
import { extentOf } from "../codec/settings.ts";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import { decodeTensor } from "../codec/tensorPayload.ts";
import { type DecodeOptions, readFrame } from "../codec/update.ts";
import { FatalError } from "../protocol/errors.ts";
import type { Round } from "../protocol/quantities.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import { parameterCount } from "../protocol/tensors.ts";
import { BusyTime } from "../runtime/busyTime.ts";
import type { Clock } from "../runtime/clock.ts";
import { refFor } from "../storage/contentRef.ts";
import { ContentError } from "../storage/errors.ts";
import { bytesOf, type TensorSource } from "../training/tensorSource.ts";
import type { Run } from "./run.ts";
import { type Unseal, type Unsealed, unsealHere } from "./sealing.ts";

/** A decoded update. */
export interface DecodedUpdate {
  readonly header: UpdateHeader;
  readonly tensors: readonly SparseTensor[];
}

/** A valid update, held as its bytes: a tensor comes from memory while all are kept there, and is decoded anew afterwards. */
export interface OpenedUpdate extends TensorSource {
  readonly header: UpdateHeader;
}

/**
 * The content of a reveal is there and is no valid update, or not for that round, neuron, run or state. It follows
 * from the bytes alone, so every node finds the same.
 */
export class InvalidUpdate extends FatalError {
  constructor(reveal: RevealedUpdate, reason: string, cause?: unknown, code = "UPDATE_INVALID") {
    const { round, uid } = reveal;
    super(code, `the update of uid ${uid} for round ${round}: ${reason}`, {
      data: { round, uid, reason },
      cause,
    });
  }
}

/** An update that names another parent state than its round's. */
export class ForeignUpdate extends InvalidUpdate {
  constructor(reveal: RevealedUpdate) {
    super(reveal, "it starts from another state", undefined, "UPDATE_FOREIGN");
  }
}

/** Seconds in which anything was being fetched, and decrypted and decoded, since the last call of `takeSeconds`. */
export interface ReadSeconds {
  readonly fetch: number;
  readonly decode: number;
}

/** Rounds whose decoded updates are kept in memory besides the current one. */
const keptRounds = 8;
/** Bytes of decoded updates kept in memory: as many as the model's, and never less than these. */
const keptModels = 1;
const leastKeptBytes = 64e6;

export interface UpdateReaderOptions {
  /** Of decoded updates to keep; those of a model unless given. */
  readonly mostBytes?: number;
  /** In the caller's thread unless given. */
  readonly unseal?: Unseal;
}

/** What was decoded, and how many bytes it takes. */
interface Kept {
  readonly round: Round;
  readonly result: Unsealed | InvalidUpdate;
  readonly bytes: number;
}

/**
 * Reads revealed updates from the content store; what was decoded once stays in memory for a few rounds, the last used
 * ones, up to a multiple of the model's own size: memory does not grow with the number of miners.
 */
export class UpdateReader {
  readonly #run: Run;
  readonly #mostBytes: number;
  readonly #unseal: Unseal;
  /** The least recently used first. */
  readonly #decoded = new Map<string, Kept>();
  #bytes = 0;
  readonly #fetching: BusyTime;
  readonly #unsealing: BusyTime;

  constructor(run: Run, clock: Clock, options: UpdateReaderOptions = {}) {
    const { mostBytes = keptBytes(run), unseal = unsealHere } = options;
    this.#run = run;
    this.#fetching = new BusyTime(clock);
    this.#unsealing = new BusyTime(clock);
    this.#mostBytes = mostBytes;
    this.#unseal = unseal;
  }

  /**
   * The update of a reveal, whatever state it starts from.
   * @throws InvalidUpdate
   * @throws ContentMissingError (retryable) while nobody serves it
   */
  read(reveal: RevealedUpdate, signal: AbortSignal): Promise<DecodedUpdate> {
    return this.#read(reveal, signal);
  }

  /**
   * The same update to be had tensor by tensor, so that many can be open at a time: each holds its bytes alone.
   * @throws as `read`
   */
  async open(reveal: RevealedUpdate, signal: AbortSignal): Promise<OpenedUpdate> {
    const { header, plain } = await this.#read(reveal, signal);
    const key = keyOf(reveal);
    const { specs, manifest } = this.#run;
    const { chunk, topK } = manifest.compression;
    const { payloads } = readFrame(plain, this.#decoding());
    return {
      header,
      tensor: (index) => {
        const kept = this.#decoded.get(key)?.result;
        return kept !== undefined && !(kept instanceof InvalidUpdate)
          ? kept.tensors[index]
          : decodeTensor(payloads[index], extentOf(specs[index]), { chunk, topK });
      },
    };
  }

  async #read(reveal: RevealedUpdate, signal: AbortSignal): Promise<Unsealed> {
    const key = keyOf(reveal);
    const result = this.#decoded.get(key)?.result ?? (await this.#fetchAndDecode(reveal, signal));
    this.#keep(key, { round: reveal.round, result, bytes: keptSize(result) });
    if (result instanceof InvalidUpdate) throw result;
    return result;
  }

  /**
   * The update of a reveal, which must name the parent state given.
   * @throws ForeignUpdate where it names another; as `read`
   */
  async readFor(parentRoot: Hex, reveal: RevealedUpdate, signal: AbortSignal): Promise<DecodedUpdate> {
    const update = await this.read(reveal, signal);
    if (update.header.parentRoot !== parentRoot) throw new ForeignUpdate(reveal);
    return update;
  }

  /** Seconds spent since the last call. */
  takeSeconds(): ReadSeconds {
    return { fetch: this.#fetching.takeSeconds(), decode: this.#unsealing.takeSeconds() };
  }

  async #fetchAndDecode(reveal: RevealedUpdate, signal: AbortSignal): Promise<Unsealed | InvalidUpdate> {
    const { maxUpdateBytes: maxBytes } = this.#run.manifest.limits;
    if (reveal.size > maxBytes) return new InvalidUpdate(reveal, "larger than allowed");
    const ref = refFor(reveal.digest, reveal.size);
    let encrypted: Uint8Array;
    try {
      encrypted = await this.#fetching.during(() => this.#run.store.get(ref, { maxBytes, signal }));
    } catch (error) {
      if (error instanceof ContentError)
        return new InvalidUpdate(reveal, "its content is not canonical", error);
      throw error;
    }
    return this.#unsealing.during(() => this.#decode(reveal, encrypted, signal));
  }

  async #decode(
    reveal: RevealedUpdate,
    encrypted: Uint8Array,
    signal: AbortSignal,
  ): Promise<Unsealed | InvalidUpdate> {
    const { manifestHash, updates } = this.#run;
    const { dataRoot, salt, neuronId, round } = reveal;
    const identity = { ...updates, neuronId, round };
    const sealed = { encrypted, dataRoot, identity, salt, manifestHash, decoding: this.#decoding() };
    const result = await this.#unseal(sealed, signal);
    return "unusable" in result ? new InvalidUpdate(reveal, result.unusable) : result;
  }

  #decoding(): DecodeOptions {
    const { specs, manifest } = this.#run;
    const { chunk, topK } = manifest.compression;
    return { specs, chunk, topK, maxBytes: manifest.limits.maxUpdateBytes };
  }

  /** Puts it behind everything that was used before, and drops from the front what is too much or too old. */
  #keep(key: string, kept: Kept): void {
    this.#drop(key);
    this.#decoded.set(key, kept);
    this.#bytes += kept.bytes;
    for (const [other, { round }] of this.#decoded) {
      const isTooOld = round < kept.round - keptRounds;
      if (isTooOld || (this.#bytes > this.#mostBytes && other !== key)) this.#drop(other);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#decoded.get(key)?.bytes ?? 0;
    this.#decoded.delete(key);
  }
}

function keptBytes({ specs }: Run): number {
  return Math.max(leastKeptBytes, keptModels * parameterCount(specs) * Float32Array.BYTES_PER_ELEMENT);
}

function keptSize(result: Unsealed | InvalidUpdate): number {
  if (result instanceof InvalidUpdate) return 0;
  return result.tensors.reduce((sum, tensor) => sum + bytesOf(tensor), result.plain.length);
}

/** All that the result depends on: after a reorganisation a neuron may have revealed something else. */
function keyOf({ round, neuronId, digest, size, dataRoot, salt }: RevealedUpdate): string {
  return [round, neuronId, digest, size, dataRoot, salt].join(" ");
}
