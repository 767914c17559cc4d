import type { Draws } from "../lab/random.ts";
import { drawsOf } from "../lab/random.ts";
import type { Round } from "../workers/protocol/quantities.ts";
import { minerSteps, type Step } from "../workers/runtime/steps.ts";
import type { ClockSkew } from "./world/simulatedTime.ts";

/** Seconds of a round's phases, from its start, and rounds of an epoch. */
export const timetable = { period: 120, commitSeconds: 60, revealSeconds: 90, tempo: 3 } as const;
/** Usual seconds between two blocks. */
export const blockSeconds = 8;
/** Rounds at the end in which nothing goes wrong: by then everybody has to be back. */
export const calmRounds = 7;

/** What a node of the chain does to a request. */
export type RpcFault =
  | { readonly kind: "refuse" | "timeout" | "loseAnswer" }
  /** 429 with `Retry-After`. */
  | { readonly kind: "limit"; readonly seconds: number }
  | { readonly kind: "late"; readonly seconds: number }
  /** Its head is so many blocks old. */
  | { readonly kind: "stale"; readonly blocks: number };

/** What a gateway does to a request. */
export type GatewayFault = "refuse" | "error" | "missing" | "stall" | "truncate" | "corrupt";

/** Seconds since genesis. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

export interface RpcTrouble extends Window {
  readonly node: string;
  /** Which of its two URLs; both where undefined. */
  readonly url: number | undefined;
  /** Of its requests. */
  readonly share: number;
  readonly fault: RpcFault;
}

export interface GatewayTrouble extends Window {
  readonly server: string;
  /** Who asks; everybody where undefined. */
  readonly to: string | undefined;
  readonly share: number;
  readonly fault: GatewayFault;
}

/** A kill −9 and the seconds until somebody starts the worker again. */
export interface Kill extends Window {
  readonly node: string;
  /** At the first such step of the window, if there is one; at once where undefined. */
  readonly at: { readonly step: Step; readonly when: "before" | "after" } | undefined;
  readonly downSeconds: number;
}

export interface Reorganisation {
  /** Seconds since genesis. */
  readonly at: number;
  /** Blocks that are replaced. */
  readonly depth: number;
  /** Share of their transactions that come again. */
  readonly kept: number;
}

export interface NodePlan {
  readonly name: string;
  readonly role: "miner" | "validator";
  /** Round in which it registers; undefined for who is there from the start. */
  readonly joins: Round | undefined;
  readonly skew: ClockSkew;
}

/** Everything that happens in a simulation, besides what the workers do themselves. */
export interface Plan {
  readonly seed: number;
  readonly rounds: Round;
  readonly nodes: readonly NodePlan[];
  readonly rpc: readonly RpcTrouble[];
  readonly gateways: readonly GatewayTrouble[];
  readonly kills: readonly Kill[];
  readonly reorganisations: readonly Reorganisation[];
}

/** Kinds of trouble, each of which can be left out to find out which one breaks something. */
export const troubles = ["rpc", "gateways", "kills", "reorganisations", "joins", "skew"] as const;
export type Trouble = (typeof troubles)[number];

/** Most that take part: keys and tokens are given out before any seed is known. */
export const most = { miners: 6, validators: 5 } as const;

/** The publisher of the run serves its content; it never fails. */
export const publisher = "publisher";

const validatorSteps: readonly Step[] = [
  "attest sent",
  "attest confirmed",
  "score written",
  "weights stored",
  "commitWeights sent",
  "commitWeights confirmed",
  "revealWeights sent",
  "revealWeights confirmed",
  "checkpoint written",
];

/** What a seed stands for. @param only kinds of trouble that there are; all unless given */
export function planOf(seed: number, rounds: Round, only: readonly Trouble[] = troubles): Plan {
  const drawn = drawPlan(seed, rounds);
  const has = (trouble: Trouble) => only.includes(trouble);
  return {
    ...drawn,
    nodes: drawn.nodes
      .filter(({ joins }) => has("joins") || joins === undefined)
      .map((node) => (has("skew") ? node : { ...node, skew: { rate: 1, wallAheadMs: 0 } })),
    rpc: has("rpc") ? drawn.rpc : [],
    gateways: has("gateways") ? drawn.gateways : [],
    kills: has("kills") ? drawn.kills : [],
    reorganisations: has("reorganisations") ? drawn.reorganisations : [],
  };
}

function drawPlan(seed: number, rounds: Round): Plan {
  const of = (part: string) => new Lot(drawsOf(`sim/${seed}/${part}`));
  const nodes = drawNodes(of("nodes"), rounds);
  const seconds = Math.max(0, rounds - calmRounds) * timetable.period;
  return {
    seed,
    rounds,
    nodes,
    rpc: drawRpc(of("rpc"), nodes, seconds),
    gateways: drawGateways(of("gateways"), nodes, seconds),
    kills: drawKills(of("kills"), nodes, seconds),
    reorganisations: drawReorganisations(of("reorganisations"), seconds),
  };
}

function drawNodes(lot: Lot, rounds: Round): NodePlan[] {
  const count = { miner: lot.whole(2, 4), validator: lot.whole(2, 3) };
  const late = lot.whole(0, 2);
  const joinBefore = Math.max(1, Math.floor((rounds - calmRounds) * 0.7));
  const joiners = Array.from({ length: late }, () => ({
    role: lot.one(["miner", "validator"] as const),
    joins: lot.whole(1, joinBefore),
  }));
  const roles = (["validator", "miner"] as const).flatMap((role) => [
    ...Array.from({ length: count[role] }, () => ({ role, joins: undefined })),
    ...joiners.filter((joiner) => joiner.role === role),
  ]);
  const named = { miner: 0, validator: 0 };
  return roles.map(({ role, joins }) => ({
    name: `${role}-${++named[role]}`,
    role,
    joins,
    // Clocks of the worst machines that still run: minutes wrong, and half a per cent too fast or too slow.
    skew: { rate: lot.between(0.995, 1.005), wallAheadMs: Math.round(lot.between(-600_000, 600_000)) },
  }));
}

function drawRpc(lot: Lot, nodes: readonly NodePlan[], seconds: number): RpcTrouble[] {
  return lot.windows(seconds, (3 * timetable.period) / nodes.length, [5, 90]).map((window) => ({
    ...window,
    node: lot.one(nodes).name,
    url: lot.one([0, 0, 1, undefined]),
    share: lot.between(0.2, 1),
    fault: lot.one<() => RpcFault>([
      () => ({ kind: "refuse" }),
      () => ({ kind: "timeout" }),
      () => ({ kind: "loseAnswer" }),
      () => ({ kind: "limit", seconds: lot.whole(1, 20) }),
      () => ({ kind: "late", seconds: lot.between(0.5, 14) }),
      () => ({ kind: "stale", blocks: lot.whole(1, 6) }),
    ])(),
  }));
}

function drawGateways(lot: Lot, nodes: readonly NodePlan[], seconds: number): GatewayTrouble[] {
  const faults = ["refuse", "error", "missing", "stall", "truncate", "corrupt"] as const;
  return lot.windows(seconds, (2 * timetable.period) / nodes.length, [10, 240]).map((window) => ({
    ...window,
    server: lot.one(nodes).name,
    to: lot.uniform() < 0.5 ? undefined : lot.one(nodes).name,
    share: lot.between(0.2, 1),
    fault: lot.one(faults),
  }));
}

function drawKills(lot: Lot, nodes: readonly NodePlan[], seconds: number): Kill[] {
  return lot.windows(seconds, 5 * timetable.period, [0, 0]).map(({ from }) => {
    const { name, role } = lot.one(nodes);
    const step = lot.one(role === "miner" ? minerSteps : validatorSteps);
    return {
      node: name,
      from,
      // A step that does not come until then would kill in a calm round.
      until: seconds,
      at: lot.uniform() < 0.3 ? undefined : { step, when: lot.one(["before", "after"] as const) },
      downSeconds: lot.between(1, 20) ** 2,
    };
  });
}

function drawReorganisations(lot: Lot, seconds: number): Reorganisation[] {
  return lot.windows(seconds, 9 * timetable.period, [0, 0]).map(({ from: at }) => ({
    at,
    depth: lot.whole(1, 12),
    kept: lot.one([0, 0.5, 0.9, 1]),
  }));
}

/** Draws of plans. */
class Lot {
  readonly uniform: () => number;

  constructor({ uniform }: Draws) {
    this.uniform = uniform;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.uniform();
  }

  /** Both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor((most - least + 1) * this.uniform());
  }

  one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(items.length * this.uniform())];
  }

  /** Windows that begin every so many seconds on average, before `seconds`, and end before then as well. */
  windows(seconds: number, every: number, [least, longest]: readonly [number, number]): Window[] {
    const windows: Window[] = [];
    for (let from = 0; ; ) {
      from += -every * Math.log(1 - this.uniform());
      if (from >= seconds) return windows;
      windows.push({ from, until: Math.min(seconds, from + this.between(least, longest)) });
    }
  }
}
