import type { Hex } from "viem";
import { CodecError } from "../codec/errors.ts";
import type { UpdateHeader } from "../codec/header.ts";
import type { SparseTensor } from "../codec/sparseTensor.ts";
import { decodeUpdate } from "../codec/update.ts";
import { decryptUpdate, encryptUpdate } from "../protocol/cipher.ts";
import { dataRoot } from "../protocol/dataRoot.ts";
import { FatalError } from "../protocol/errors.ts";
import type { NeuronId, Round } from "../protocol/quantities.ts";
import type { RevealedUpdate } from "../protocol/roundHistory.ts";
import type { Clock } from "../runtime/clock.ts";
import { refFor } from "../storage/contentRef.ts";
import { ContentError } from "../storage/errors.ts";
import type { Run } from "./run.ts";

/** A decoded update. */
export interface DecodedUpdate {
  readonly header: UpdateHeader;
  readonly tensors: readonly SparseTensor[];
}

/**
 * The content of a reveal is there and is no valid update, or not for that round, neuron, run or state. It follows
 * from the bytes alone, so every node finds the same.
 */
export class InvalidUpdate extends FatalError {
  constructor(reveal: RevealedUpdate, reason: string, cause?: unknown) {
    const { round, uid } = reveal;
    super("UPDATE_INVALID", `the update of uid ${uid} for round ${round}: ${reason}`, {
      data: { round, uid, reason },
      cause,
    });
  }
}

/** Seconds spent on fetching and on decrypting and decoding, since the last call of `takeSeconds`. */
export interface ReadSeconds {
  readonly fetch: number;
  readonly decode: number;
}

/** Rounds whose decoded updates are kept in memory besides the current one. */
const keptRounds = 8;

/** Reads revealed updates from the content store; what was decoded once stays in memory for a few rounds. */
export class UpdateReader {
  readonly #run: Run;
  readonly #clock: Clock;
  readonly #decoded = new Map<Round, Map<string, DecodedUpdate | InvalidUpdate>>();
  #fetchMs = 0;
  #decodeMs = 0;

  constructor(run: Run, clock: Clock) {
    this.#run = run;
    this.#clock = clock;
  }

  /**
   * The update of a reveal. Whether it starts from the right state is for the caller to check.
   * @throws InvalidUpdate
   * @throws ContentMissingError (retryable) while nobody serves it
   */
  async read(reveal: RevealedUpdate, signal: AbortSignal): Promise<DecodedUpdate> {
    const known = this.#decoded.get(reveal.round)?.get(keyOf(reveal));
    const result = known ?? (await this.#fetchAndDecode(reveal, signal));
    if (known === undefined) this.#keep(reveal, result);
    if (result instanceof InvalidUpdate) throw result;
    return result;
  }

  /** Seconds spent since the last call. */
  takeSeconds(): ReadSeconds {
    const seconds = { fetch: this.#fetchMs / 1000, decode: this.#decodeMs / 1000 };
    this.#fetchMs = 0;
    this.#decodeMs = 0;
    return seconds;
  }

  async #fetchAndDecode(reveal: RevealedUpdate, signal: AbortSignal): Promise<DecodedUpdate | InvalidUpdate> {
    const { manifest } = this.#run;
    const startedFetch = this.#clock.now();
    let encrypted: Uint8Array;
    try {
      if (reveal.size > manifest.limits.maxUpdateBytes)
        return new InvalidUpdate(reveal, "larger than allowed");
      const options = { maxBytes: manifest.limits.maxUpdateBytes, signal };
      encrypted = await this.#run.store.get(refFor(reveal.digest, reveal.size), options);
    } catch (error) {
      if (error instanceof ContentError)
        return new InvalidUpdate(reveal, "its content is not canonical", error);
      throw error;
    } finally {
      this.#fetchMs += this.#clock.now() - startedFetch;
    }
    const startedDecode = this.#clock.now();
    try {
      return this.#decode(reveal, encrypted);
    } finally {
      this.#decodeMs += this.#clock.now() - startedDecode;
    }
  }

  #decode(reveal: RevealedUpdate, encrypted: Uint8Array): DecodedUpdate | InvalidUpdate {
    const { manifest, manifestHash, specs, updates } = this.#run;
    if (dataRoot(encrypted) !== reveal.dataRoot) return new InvalidUpdate(reveal, "another data root");
    const identity = { ...updates, neuronId: reveal.neuronId, round: reveal.round };
    const plain = decryptUpdate(encrypted, identity, reveal.salt);
    try {
      const { chunk, topK } = manifest.compression;
      const { maxUpdateBytes: maxBytes } = manifest.limits;
      const { header, tensors } = decodeUpdate(plain, { specs, chunk, topK, maxBytes });
      if (header.manifestHash !== manifestHash) return new InvalidUpdate(reveal, "another manifest");
      if (header.round !== reveal.round) return new InvalidUpdate(reveal, `made for round ${header.round}`);
      if (header.neuronId !== reveal.neuronId) return new InvalidUpdate(reveal, "made by another neuron");
      return { header, tensors };
    } catch (error) {
      if (error instanceof CodecError) return new InvalidUpdate(reveal, error.code, error);
      throw error;
    }
  }

  #keep(reveal: RevealedUpdate, result: DecodedUpdate | InvalidUpdate): void {
    const ofRound = this.#decoded.get(reveal.round) ?? new Map<string, DecodedUpdate | InvalidUpdate>();
    ofRound.set(keyOf(reveal), result);
    this.#decoded.set(reveal.round, ofRound);
    for (const round of this.#decoded.keys())
      if (round < reveal.round - keptRounds) this.#decoded.delete(round);
  }
}

/** All that the result depends on: after a reorganisation a neuron may have revealed something else. */
function keyOf({ neuronId, digest, size, dataRoot, salt }: RevealedUpdate): string {
  return [neuronId, digest, size, dataRoot, salt].join(" ");
}

/** An update ready for the ledger: encrypted bytes and what is committed to. */
export function sealUpdate(
  run: Run,
  plain: Uint8Array,
  neuronId: NeuronId,
  round: Round,
  salt: Hex,
): { encrypted: Uint8Array; dataRoot: Hex } {
  const encrypted = encryptUpdate(plain, { ...run.updates, neuronId, round }, salt);
  return { encrypted, dataRoot: dataRoot(encrypted) };
}
