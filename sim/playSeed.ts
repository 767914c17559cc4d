import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Round } from "../workers/protocol/quantities.ts";
import { runProducer } from "./blockProducer.ts";
import { Checks } from "./checks/checks.ts";
import { accuse, accuserAccount } from "./nodes/accuser.ts";
import { type Engines, syntheticEngines } from "./nodes/engines.ts";
import { observe, observerName } from "./nodes/observer.ts";
import { leadSeconds, operate, registerFirst } from "./nodes/operator.ts";
import { SimulatedWorker } from "./nodes/simulatedWorker.ts";
import { type NodePlan, type Plan, publisher, timetable, type Window } from "./plan.ts";
import type { SeedReport } from "./report.ts";
import { Trace, type TraceLine } from "./trace.ts";
import { troublesOf } from "./troubles.ts";
import { SimulatedTime } from "./world/simulatedTime.ts";
import type { World } from "./world/world.ts";

export interface PlayOptions {
  readonly plan: Plan;
  /** Invented updates unless given. */
  readonly engines?: Engines;
  /** Keeps what everybody said. */
  readonly trace?: boolean;
  readonly say?: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface PlayedSeed {
  readonly report: SeedReport;
  readonly lines: readonly TraceLine[];
}

/** Plays a plan on a world that nobody has joined. Every check that fails is in the report; it never throws for one. */
export async function playSeed(world: World, options: PlayOptions): Promise<PlayedSeed> {
  const { plan, engines = syntheticEngines, signal, say } = options;
  const started = performance.now();
  await world.reset();
  const dir = await world.folder();
  const time = new SimulatedTime((world.genesis - leadSeconds) * 1000);
  const now = () => time.unix - world.genesis;
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const workers = new Map<string, SimulatedWorker>();
  const everybody = () => [...workers.values()];
  const chainDisturbed: Window[] = [];
  const checks = new Checks({ world, plan, chainDisturbed, workers: everybody, signal: both });
  const trace = new Trace(now, options.trace === true, (node, row) => checks.record(node, row));

  await world.chain.begin(`${plan.seed}`);
  const present = plan.nodes.filter(({ joins }) => joins === undefined);
  await registerFirst(
    world,
    present.map((node) => personOf(world, node)),
    both,
  );
  const troubles = troublesOf(plan, now);
  const names = plan.nodes.map(({ name }) => name);
  const folderOf = (host: string) => {
    if (host === publisher) return world.published;
    const worker = workers.get(host);
    return worker?.isRunning === true ? worker.content : undefined;
  };
  const gatewaysOf = (name: string) =>
    [...names.filter((other) => other !== name), publisher].map((host) => `http://${host}`);
  for (const node of plan.nodes) {
    const worker = new SimulatedWorker({
      world,
      time,
      trace,
      seed: plan.seed,
      plan: node,
      person: personOf(world, node),
      folder: join(dir, node.name),
      gateways: gatewaysOf(node.name),
      openEngine: engines.openerFor(time),
      folderOf,
      rpcFault: (...asked) => troubles.rpc(...asked),
      gatewayFault: (...asked) => troubles.gateway(...asked),
      kills: plan.kills.filter(({ node: name }) => name === node.name),
      onStart: () => checks.started(node.name),
    });
    workers.set(node.name, worker);
  }
  const producer = runProducer(
    {
      world,
      time,
      plan,
      trace,
      disturbed: chainDisturbed,
      everyBlock: () => {
        for (const worker of everybody()) worker.killWhatIsDue();
      },
    },
    both,
  );
  const watched = {
    world,
    time,
    trace,
    folder: join(dir, observerName),
    gateways: gatewaysOf(observerName),
    folderOf,
  };
  const observer = await observe(watched, both);
  const accuser = accuse({ world, time, account: accuserAccount, history: observer.history }, both);
  const operators = everybody().map((worker, index) => operate({ world, time, trace, worker, index }, both));
  const attend = (task: Promise<void>) =>
    task.catch((error: unknown) => {
      if (!both.aborted) checks.violate("simulation", error);
    });
  const tasks = [producer.ended, observer.ended, accuser, ...operators].map(attend);
  try {
    for (let round: Round = 0; round < plan.rounds; round++) {
      await time.advanceTo(world.genesis + (round + 1) * timetable.period + 1, both);
      await observer.sync(both);
      await checks.afterRound(round, observer.history);
      say?.(`round ${round}: ${checks.violations.length} violations`);
      if (checks.violations.length > 0) break;
    }
    if (checks.violations.length === 0) checks.atEnd(observer.history);
  } catch (error) {
    signal.throwIfAborted();
    checks.violate("simulation", error);
  }
  for (const worker of workers.values()) worker.stop();
  ended.abort(new Error("the simulation is over"));
  // Nothing of this seed may touch the next one's chain.
  await Promise.all(tasks);
  await engines.closeAll();
  await rm(dir, { recursive: true, force: true });
  const { seed, rounds } = plan;
  return {
    report: {
      seed,
      rounds,
      violations: checks.violations,
      digest: trace.digest(),
      nodes: names.length,
      rpcFaults: troubles.counts.rpc,
      gatewayFaults: troubles.counts.gateways,
      reorganisations: producer.reorganisations,
      ...checks.counts(observer.history),
      seconds: (performance.now() - started) / 1000,
    },
    lines: trace.lines,
  };
}

function personOf(world: World, { name }: NodePlan) {
  const person = world.people.get(name);
  if (person === undefined) throw new Error(`there is no key for ${name}`);
  return person;
}
