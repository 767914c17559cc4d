import { network } from "hardhat";
import type { Hex } from "viem";
import type { RpcRequest } from "../../lab/chain/rpcServer.ts";
import { type Draws, drawsOf } from "../../lab/random.ts";

/** A reorganisation: the chain goes on from the block that stood at its start as if the ones after it had never been. */
interface Fork {
  readonly snapshot: unknown;
  readonly height: bigint;
  /** Transactions that nodes have been given since, in order. */
  readonly sent: Hex[];
}

type Connection = Awaited<ReturnType<typeof network.create>>;

/** Whether a request changes the chain; answers to all others hold until something does. */
const isWrite = (method: string) => /^(eth_send|evm_|hardhat_)/.test(method);

/**
 * An EVM chain in this process whose blocks come when `mine` is called. Times and randomness of its blocks follow from the
 * seed alone.
 */
export class SimulatedChain {
  readonly #connection: Connection;
  readonly #answers = new Map<string, Promise<unknown>>();
  #draws: Draws = drawsOf("blocks");
  #height = 0n;
  #fork: Fork | undefined;
  /** Time that the next block has unless another is asked for. */
  #announced: number | undefined;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @param firstBlock time of the first block: the same in every run, so that block hashes are */
  static async open(firstBlock: Date): Promise<SimulatedChain> {
    return new SimulatedChain(await network.create({ override: { initialDate: firstBlock } }));
  }

  get connection(): Connection {
    return this.#connection;
  }

  get height(): bigint {
    return this.#height;
  }

  /** Whether a reorganisation has begun that `reorganise` ends. */
  get isForked(): boolean {
    return this.#fork !== undefined;
  }

  /** Answers as a node would. What is asked twice between two changes is answered once. */
  request({ method, params }: RpcRequest): Promise<unknown> {
    if (isWrite(method)) {
      if (method === "eth_sendRawTransaction") this.#fork?.sent.push(params[0] as Hex);
      this.#answers.clear();
      // What was asked meanwhile may have been answered before it.
      return this.#ask(method, params).finally(() => this.#answers.clear());
    }
    const key = JSON.stringify([method, params]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#ask(method, params);
    this.#answers.set(key, answer);
    return answer;
  }

  snapshot(): Promise<unknown> {
    return this.#ask("evm_snapshot");
  }

  async revert(snapshot: unknown): Promise<void> {
    await this.#ask("evm_revert", [snapshot]);
    this.#announced = undefined;
    this.#answers.clear();
    await this.#measure();
  }

  /** From now on blocks come by `mine` alone, drawn from a seed. */
  async begin(seed: string): Promise<void> {
    this.#draws = drawsOf(`blocks/${seed}`);
    this.#fork = undefined;
    await this.#ask("evm_setAutomine", [false]);
    await this.#measure();
    await this.mineNext();
  }

  /** Mines a block a second after the last one. */
  async mineNext(): Promise<void> {
    const { timestamp } = (await this.#ask("eth_getBlockByNumber", ["latest", false])) as { timestamp: Hex };
    await this.mine(Number(timestamp) + 1, Number(timestamp) + 2);
  }

  /** Mines a block at a time, and says when the next one will come: what is asked of the pending block has that time. */
  async mine(time: number, next: number): Promise<void> {
    this.#answers.clear();
    if (time !== this.#announced) await this.#ask("evm_setNextBlockTimestamp", [time]);
    await this.#ask("hardhat_setPrevRandao", [this.#word()]);
    await this.#ask("evm_mine");
    this.#answers.clear();
    this.#height += 1n;
    await this.#ask("evm_setNextBlockTimestamp", [next]);
    this.#announced = next;
  }

  /** The blocks from here on will be replaced. */
  async fork(): Promise<void> {
    this.#fork = { snapshot: await this.snapshot(), height: this.#height, sent: [] };
  }

  /**
   * Replaces the blocks since `fork` by as many and one more, the last one at `time`. Each transaction of before is
   * given again with probability `kept`, or lost. Gives how many blocks were replaced.
   */
  async reorganise(time: number, spacing: number, kept: number): Promise<number> {
    const fork = this.#fork;
    if (fork === undefined) return 0;
    const depth = Number(this.#height - fork.height);
    await this.revert(fork.snapshot);
    this.#fork = undefined;
    const blocks = depth + 1;
    const again = fork.sent.filter(() => this.#draws.uniform() < kept);
    const head = (await this.#ask("eth_getBlockByNumber", ["latest", false])) as { timestamp: Hex };
    const first = Number(head.timestamp);
    for (let block = 0; block < blocks; block++) {
      const share = Math.ceil(again.length / (blocks - block));
      for (const raw of again.splice(0, share))
        await this.#ask("eth_sendRawTransaction", [raw]).catch(() => 0);
      const at = Math.max(first + block + 1, time - (blocks - 1 - block) * spacing);
      await this.mine(at, at + spacing);
    }
    return depth;
  }

  async #measure(): Promise<void> {
    this.#height = BigInt((await this.#ask("eth_blockNumber")) as string);
  }

  #word(): Hex {
    const part = () => Math.floor(this.#draws.uniform() * 2 ** 32);
    return `0x${Array.from({ length: 8 }, () => part().toString(16).padStart(8, "0")).join("")}`;
  }

  #ask(method: string, params: readonly unknown[] = []): Promise<unknown> {
    return this.#connection.provider.request({ method, params: [...params] });
  }
}
