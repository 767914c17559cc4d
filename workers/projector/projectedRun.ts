import { BlockFinder, type BlockHeader } from "../chain/blocks.ts";
import { EventSource } from "../chain/eventSource.ts";
import type { DatasetReader } from "../data/datasetReader.ts";
import { type BeaconSource, Beacons } from "../node/beacons.ts";
import type { Run } from "../node/run.ts";
import type { ChainEvent } from "../protocol/chainEvents.ts";
import { epochOf, epochStart, type Phase, phaseAt, roundAt, roundStart } from "../protocol/clock.ts";
import { RetryableError } from "../protocol/errors.ts";
import type { MetagraphHistory } from "../protocol/metagraphHistory.ts";
import type { BlockTime, Epoch, Round } from "../protocol/quantities.ts";
import { RunHistory } from "../protocol/runHistory.ts";
import { ParameterSets } from "./parameterSets.ts";
import { isStanding, type Projection } from "./projection.ts";
import { RoundOutcomes } from "./roundOutcomes.ts";

/** Events taken in at once, roughly: what keeps memory bounded from cold. */
const batchEvents = 2_000;
/** Blocks remembered by the time they were asked for. */
const mostEntropies = 4_096;

/** A run that is projected: follows the chain into the file, and answers from there. */
export class ProjectedRun {
  readonly run: Run;
  readonly dataset: DatasetReader;
  readonly projection: Projection;
  /** Who takes part and what was settled, up to the head; nothing of single rounds. */
  readonly standing: RunHistory;
  readonly parameters: ParameterSets;
  readonly #events: EventSource;
  #finder: BlockFinder;
  /** Replaced with the chain: who still looks on the old one fills the old one. */
  #blocks = new Map<BlockTime, BlockHeader>();
  readonly outcomes: RoundOutcomes;
  #head: BlockHeader | undefined;
  #behind = true;

  constructor(run: Run, dataset: DatasetReader, projection: Projection) {
    this.run = run;
    this.dataset = dataset;
    this.projection = projection;
    const { contracts } = run;
    this.standing = new RunHistory(contracts.clock);
    this.standing.apply(projection.standing().map(withoutBonds));
    this.parameters = new ParameterSets(contracts);
    this.#events = new EventSource(contracts, { batchEvents, seen: projection.seen() });
    this.#finder = this.#newFinder();
    this.outcomes = new RoundOutcomes(this);
  }

  get head(): BlockHeader | undefined {
    return this.#head;
  }

  /** Whether more blocks wait than the last look read. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Stands for the chain: hash of the block before the run's first. */
  get chain(): string {
    return this.#events.seen[0]?.hash ?? "";
  }

  /** Round and phase at the head; undefined before genesis. */
  get now(): { readonly round: Round; readonly phase: Phase; readonly time: BlockTime } | undefined {
    const { clock } = this.run.contracts;
    const time = this.#head?.timestamp ?? 0;
    if (time < clock.genesis) return undefined;
    return { round: roundAt(clock, time), phase: phaseAt(clock, time), time };
  }

  /**
   * Takes in what is new on the chain, about `batchEvents` events of it. Whether there was anything.
   * @throws as `EventSource.poll`
   */
  async look(signal: AbortSignal): Promise<boolean> {
    const before = this.#head;
    const { events, head, rewound, behind } = await this.#events.poll(signal);
    if (rewound !== undefined) {
      this.standing.rewind(rewound.number);
      this.#blocks = new Map();
      this.#finder = this.#newFinder();
      this.parameters.forget();
      this.outcomes.forget();
    }
    this.projection.save({ events, seen: this.#events.seen }, rewound?.number);
    this.standing.apply(events.filter(isStanding).map(withoutBonds));
    this.#head = head;
    this.#behind = behind === true;
    return before?.hash !== head.hash;
  }

  /** Everything about rounds `from` … `to`, and about the epochs they lie in. */
  window(from: Round, to: Round): { readonly history: RunHistory; readonly events: readonly ChainEvent[] } {
    const { clock } = this.run.contracts;
    // Bonds come from the settlement before, weights of an epoch stand in the next.
    const firstEpoch = Math.max(0, epochOf(clock, from) - 1);
    const poolsFrom = epochStart(clock, firstEpoch);
    const read = this.projection.window({
      ...{ from, to, firstEpoch, poolsFrom },
      lastEpoch: epochOf(clock, to) + 1,
      before: roundStart(clock, from),
    });
    const events = withPools(read, this.standing.metagraph, firstEpoch, poolsFrom);
    const history = new RunHistory(clock);
    history.apply(events);
    return { history, events };
  }

  /** Public randomness of rounds that are over; a round that is not is a RetryableError BEACON_OPEN. */
  beacons(history: RunHistory): Beacons {
    const source: BeaconSource = {
      history,
      rewinds: 0,
      onRewind: () => undefined,
      untilTime: async (time) => {
        if ((this.#head?.timestamp ?? 0) < time) throw open(time);
      },
      firstBlockAt: async (time, _, signal) => {
        const blocks = this.#blocks;
        const known = blocks.get(time);
        if (known !== undefined) return known;
        await this.#finder.learn(this.projection.blocksAround(time), signal);
        const block = await this.#finder.firstBlockAt(time, signal);
        if (block === undefined) throw open(time);
        if (blocks.size >= mostEntropies) blocks.clear();
        blocks.set(time, block);
        return block;
      },
    };
    return new Beacons(this.run, source);
  }

  #newFinder(): BlockFinder {
    const { contracts, manifest } = this.run;
    return new BlockFinder(contracts.publicClient, manifest.beacon.confirmations);
  }
}

/** The events with what pools held at the start of an epoch, in place of all that changed them before. */
function withPools(
  events: readonly ChainEvent[],
  metagraph: MetagraphHistory,
  epoch: Epoch,
  start: BlockTime,
): ChainEvent[] {
  const found = events.findIndex(({ time }) => time >= start);
  const cut = found < 0 ? events.length : found;
  const earlier = events.slice(0, cut);
  const blockNumber = earlier.at(-1)?.blockNumber ?? 0n;
  const registered = earlier.filter((event) => event.type === "Registered");
  const held = registered.map(({ neuronId }, index): ChainEvent => {
    // Behind every log of the block: the next event stands in a later one.
    const place = { blockNumber, logIndex: 2 ** 32 + index, time: start - 1 };
    return { type: "PoolChanged", neuronId, epoch, assets: metagraph.stakeAt(neuronId, epoch), ...place };
  });
  return [...earlier, ...held, ...events.slice(cut)];
}

/** Bonds are large, and windows have them. */
function withoutBonds(event: ChainEvent): ChainEvent {
  return event.type === "EpochSettled" ? { ...event, bonds: "0x" } : event;
}

function open(time: BlockTime): RetryableError {
  return new RetryableError("BEACON_OPEN", `no block at ${time} is confirmed yet`, { data: { time } });
}
