import { join } from "node:path";
import { type Hex, keccak256, toHex } from "viem";
import type { RpcRequest } from "../../lab/chain/rpcServer.ts";
import type { Participant } from "../../scripts/localnet/participants.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import type { Surroundings } from "../../workers/cli/surroundings.ts";
import { embeddedWorker, type WorkerOptions } from "../../workers/cli/workerOptions.ts";
import { WeftError } from "../../workers/protocol/errors.ts";
import type { Clock } from "../../workers/runtime/clock.ts";
import type { Step, Steps } from "../../workers/runtime/steps.ts";
import type { Fetch } from "../../workers/storage/httpBlocks.ts";
import type { GatewayFault, Kill, NodePlan, RpcFault } from "../plan.ts";
import type { Trace } from "../trace.ts";
import { simulatedGateways } from "../world/simulatedGateways.ts";
import { simulatedRpc } from "../world/simulatedRpc.ts";
import type { SimulatedTime } from "../world/simulatedTime.ts";
import type { World } from "../world/world.ts";

export interface SimulatedWorkerOptions {
  readonly world: World;
  readonly time: SimulatedTime;
  readonly trace: Trace;
  readonly seed: number;
  readonly plan: NodePlan;
  readonly person: Participant;
  /** This node's own folder. */
  readonly folder: string;
  /** Base URLs of the others' gateways. */
  readonly gateways: readonly string[];
  readonly openEngine: Surroundings["openEngine"];
  readonly folderOf: (host: string) => string | undefined;
  readonly rpcFault: (node: string, url: string, request: RpcRequest) => RpcFault | undefined;
  readonly gatewayFault: (server: string, node: string) => GatewayFault | undefined;
  readonly kills: readonly Kill[];
  readonly onStart: () => void;
}

/** One life of the process, from its start to its end or to kill −9. */
interface Life {
  readonly clock: Clock;
  /** Never aborts: a killed process is not asked. */
  readonly signal: AbortSignal;
  /** Open databases, which no other process may open. */
  readonly open: { close(): void }[];
  isOver: boolean;
}

/** Milliseconds between two looks at the chain: the usual time between two blocks. */
const pollMs = 8_000;
/** Seconds after which whoever looks after a worker starts it again when it ended by itself. */
const restartSeconds = 5;

/** Never ends: what a killed process waits for. One each, so that nothing keeps who waits in memory. */
const nothing = () => new Promise<never>(() => undefined);

/**
 * A worker as its operator runs it: the program itself, on simulated time, chain and network; killed as planned and started
 * again on the same folder.
 */
export class SimulatedWorker {
  readonly #options: SimulatedWorkerOptions;
  readonly #planned: Kill[];
  #life: Life | undefined;
  #lives = 0;
  /** How often it was killed. */
  kills = 0;
  /** Errors that no restart mends. */
  readonly fatal: unknown[] = [];
  /** When it was first started, Unix seconds. */
  startedAt: number | undefined;
  /** When it was off, Unix seconds; the last one may have no end yet. */
  readonly off: { readonly from: number; until: number }[] = [];

  constructor(options: SimulatedWorkerOptions) {
    this.#options = options;
    this.#planned = [...options.kills];
  }

  get name(): string {
    return this.#options.plan.name;
  }

  get role(): NodePlan["role"] {
    return this.#options.plan.role;
  }

  get plan(): NodePlan {
    return this.#options.plan;
  }

  get person(): Participant {
    return this.#options.person;
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  /** Folder of its content, which others read while it runs. */
  get content(): string {
    return join(this.#options.folder, "content");
  }

  /** Whether anything of it waits for time to pass: if not, it hangs. */
  get isWaiting(): boolean {
    return this.#life !== undefined && this.#options.time.sleepersOf(this.#life) > 0;
  }

  start(): void {
    const { time, plan, trace } = this.#options;
    const life: Life = {
      clock: this.#clock(() => life),
      signal: new AbortController().signal,
      open: [],
      isOver: false,
    };
    this.#life = life;
    this.#lives += 1;
    this.startedAt ??= time.unix;
    const last = this.off.at(-1);
    if (last !== undefined) last.until = time.unix;
    trace.add(plan.name, "started", { life: this.#lives });
    this.#options.onStart();
    const run =
      plan.role === "miner"
        ? runMiner(this.#workerOptions(), life.signal, undefined, this.#surroundings(life))
        : runValidator(this.#workerOptions(), life.signal, this.#surroundings(life));
    run.then(
      () => this.#ended(life, undefined),
      (error: unknown) => this.#ended(life, error),
    );
  }

  /** kill −9: nothing of it happens any more. */
  kill(downSeconds: number): void {
    if (this.#life === undefined) return;
    this.kills += 1;
    this.#options.trace.add(this.name, "killed", { downSeconds });
    this.#end(this.#life);
    this.#startIn(downSeconds);
  }

  /** Ends it for good. */
  stop(): void {
    if (this.#life !== undefined) this.#end(this.#life);
  }

  /** Kills what is due by now without a step. */
  killWhatIsDue(): void {
    const due = this.#planned.findIndex((kill) => kill.at === undefined && this.#isDue(kill));
    if (due < 0 || this.#life === undefined) return;
    const [{ downSeconds }] = this.#planned.splice(due, 1);
    this.kill(downSeconds);
  }

  #end(life: Life): void {
    life.isOver = true;
    for (const database of life.open) database.close();
    this.#options.time.forget(life);
    this.#life = undefined;
    this.off.push({ from: this.#options.time.unix, until: Number.POSITIVE_INFINITY });
  }

  #startIn(seconds: number): void {
    const { time } = this.#options;
    const owner = {};
    const { signal } = new AbortController();
    void time
      .clockOf(owner)
      .sleep(seconds * 1000, signal)
      .then(() => this.start());
  }

  #ended(life: Life, error: unknown): void {
    if (life.isOver) return;
    this.#options.trace.add(this.name, "ended", { error });
    this.#end(life);
    // As a supervisor does: exit code 75 is worth another try, 1 is for a person.
    if (error instanceof WeftError && error.retryable) this.#startIn(restartSeconds);
    else this.fatal.push(error ?? new Error("ended without an error"));
  }

  /** The machine's clock; who was killed sleeps for ever. */
  #clock(life: () => Life): Clock {
    const { time, plan } = this.#options;
    const sleep = (ms: number, signal: AbortSignal) =>
      life().isOver ? nothing() : time.clockOf(life(), plan.skew).sleep(ms, signal);
    const { now, wall } = time.clockOf(this, plan.skew);
    return { now, wall, sleep };
  }

  #surroundings(life: Life): Surroundings {
    const { world, time, trace, plan, seed, openEngine, folderOf, rpcFault, gatewayFault } = this.#options;
    const { name } = plan;
    const alive = <Result>(work: Promise<Result>): Promise<Result> =>
      work.then(
        (result) => (life.isOver ? nothing() : result),
        (error: unknown) => {
          if (life.isOver) return nothing();
          throw error;
        },
      );
    const { clock } = life;
    const chain = {
      get height() {
        return world.chain.height;
      },
      request: (request: RpcRequest) =>
        life.isOver ? nothing() : alive(time.track(world.chain.request(request))),
    };
    const fault = (url: string, request: RpcRequest) => rpcFault(name, url, request);
    const fetch = simulatedGateways({
      time,
      clock,
      folderOf,
      fault: (server) => gatewayFault(server, name),
    });
    const read: Fetch = (url, init) => (life.isOver ? nothing() : alive(fetch(url, init)));
    let salts = 0;
    return {
      clock,
      openRpc: simulatedRpc({ chain, clock, fault }),
      fetch: read,
      steps: this.#steps(life),
      randomSalt: (): Hex => keccak256(toHex(`${seed}/${name}/${this.#lives}/${salts++}`)),
      openLog: () => trace.logOf(name, () => !life.isOver),
      metrics: { record: (row) => !life.isOver && trace.record(name, row) },
      onOpen: (database) => void life.open.push(database),
      pollMs,
      openEngine,
    };
  }

  /** Kills at the steps that the plan says. */
  #steps(life: Life): Steps {
    return {
      take: async <Result>(step: Step, work: () => Result | Promise<Result>): Promise<Result> => {
        if (life.isOver) return nothing();
        if (this.#diesAt(step, "before")) return nothing();
        const result = await work();
        if (life.isOver || this.#diesAt(step, "after")) return nothing();
        return result;
      },
    };
  }

  #diesAt(step: Step, when: "before" | "after"): boolean {
    const due = this.#planned.findIndex(
      (kill) => kill.at?.step === step && kill.at.when === when && this.#isDue(kill),
    );
    if (due < 0) return false;
    const [{ downSeconds }] = this.#planned.splice(due, 1);
    this.#options.trace.add(this.name, "dies", { step, when });
    this.kill(downSeconds);
    return true;
  }

  #isDue({ from, until }: Kill): boolean {
    const now = this.#options.time.unix - this.#options.world.genesis;
    return from <= now && now < until;
  }

  #workerOptions(): WorkerOptions {
    const { world, person, folder, gateways, plan } = this.#options;
    return {
      rpcUrl: [0, 1].map((url) => `http://${plan.name}/${url}`).join(","),
      registry: world.contracts.addresses.registry,
      chainId: undefined,
      deployBlock: 0n,
      store: { folder: this.content, ipfsApi: undefined, gateways },
      hotkeyFile: person.hotkeyFile,
      folder: join(folder, "worker"),
      ...embeddedWorker,
    };
  }
}
