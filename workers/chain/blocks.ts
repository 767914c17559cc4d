import type { Hex, PublicClient } from "viem";
import type { BlockTime } from "../protocol/quantities.ts";
import { callRpc } from "./rpcErrors.ts";

/** What of a block the protocol uses. */
export interface BlockHeader {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: BlockTime;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** prevrandao since the merge. */
  readonly mixHash: Hex;
}

/** Reads a block by number, or the latest. @throws RetryableError as `rpcError`, also where the node lacks the block */
export function readBlock(
  client: PublicClient,
  number: bigint | "latest",
  signal: AbortSignal,
): Promise<BlockHeader> {
  return callRpc(`read block ${number}`, signal, async () => {
    const block = await client.getBlock(number === "latest" ? { blockTag: number } : { blockNumber: number });
    const { hash, parentHash, mixHash, timestamp } = block;
    return { number: block.number, timestamp: Number(timestamp), hash, parentHash, mixHash };
  });
}

const KNOWN_BLOCKS = 1024;

/** Finds the first block at or after a time: the block whose hash or prevrandao feeds a beacon (DESIGN §3). */
export class BlockFinder {
  readonly #client: PublicClient;
  readonly #confirmations: number;
  /** Confirmed blocks seen, in no order: bounds for later searches. */
  #known: BlockHeader[] = [];

  /** @param confirmations blocks that must stand on top of a block before it counts. */
  constructor(client: PublicClient, confirmations: number) {
    this.#client = client;
    this.#confirmations = confirmations;
  }

  /** Reads blocks as bounds for the searches that follow, those of them that are confirmed. @throws as `readBlock` */
  async learn(numbers: readonly bigint[], signal: AbortSignal): Promise<void> {
    const head = await this.#confirmedHead(signal);
    if (head === undefined) return;
    await Promise.all(
      numbers.filter((number) => number < head.number).map((number) => this.#read(number, signal)),
    );
  }

  /**
   * The first confirmed block with timestamp ≥ `time`; undefined while there is none.
   * @throws RetryableError as `rpcError`
   */
  async firstBlockAt(time: BlockTime, signal: AbortSignal): Promise<BlockHeader | undefined> {
    let high = this.#lowestFrom(time) ?? (await this.#confirmedHead(signal));
    if (high === undefined || high.timestamp < time) return undefined;
    let low = this.#highestBefore(time)?.number ?? -1n; // invariant: time of low < time ≤ time of high
    // Wanted blocks are mostly recent: walk back from the head in doubling steps, then halve what is left.
    let step = 1n;
    while (high.number - low > 1n) {
      const galloping = high.number - step > low;
      const probe = await this.#read(galloping ? high.number - step : (low + high.number) / 2n, signal);
      if (probe.timestamp >= time) {
        high = probe;
        step *= 2n;
      } else {
        low = probe.number;
        step = high.number; // no more galloping
      }
    }
    return high;
  }

  async #confirmedHead(signal: AbortSignal): Promise<BlockHeader | undefined> {
    const latest = await readBlock(this.#client, "latest", signal);
    const number = latest.number - BigInt(this.#confirmations);
    if (number < 0n) return undefined;
    if (number === latest.number) return this.#remember(latest);
    return this.#read(number, signal);
  }

  async #read(number: bigint, signal: AbortSignal): Promise<BlockHeader> {
    const known = this.#known.find((block) => block.number === number);
    return known ?? this.#remember(await readBlock(this.#client, number, signal));
  }

  #remember(block: BlockHeader): BlockHeader {
    if (this.#known.length >= KNOWN_BLOCKS) this.#known = this.#known.slice(KNOWN_BLOCKS / 2);
    this.#known.push(block);
    return block;
  }

  #lowestFrom(time: BlockTime): BlockHeader | undefined {
    const from = this.#known.filter((block) => block.timestamp >= time);
    return from.reduce<BlockHeader | undefined>(
      (a, b) => (a === undefined || b.number < a.number ? b : a),
      undefined,
    );
  }

  #highestBefore(time: BlockTime): BlockHeader | undefined {
    const before = this.#known.filter((block) => block.timestamp < time);
    return before.reduce<BlockHeader | undefined>(
      (a, b) => (a === undefined || b.number > a.number ? b : a),
      undefined,
    );
  }
}
