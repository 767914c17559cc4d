import type { MinerContext, UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import type { AssignmentSources } from "../../workers/node/assignedSequences.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { NeuronId } from "../../workers/protocol/quantities.ts";
import { zeros } from "../../workers/protocol/tensors.ts";
import type { Engine } from "../../workers/training/engine.ts";
import { adversaryPolicy } from "../adversaries/registry.ts";
import { drawsOf } from "../random.ts";
import {
  changed,
  perturbed,
  poisoned,
  type SharedOffer,
  scaled,
  sitOut,
  switching,
} from "./changedOffers.ts";
import type { Conduct } from "./conduct.ts";
import { labText } from "./labText.ts";
import { type Variation, VariedTraining } from "./variedTraining.ts";

/** What a conduct is made from. */
export interface ConductSources extends AssignmentSources {
  readonly context: MinerContext;
  readonly neuronId: NeuronId;
  readonly engine: Engine;
  /** Place among the operator's uids, and how many these are. */
  readonly place: number;
  readonly uids: number;
  /** Common to the operator's uids. */
  readonly shared: SharedOffer;
}

/** Round in which `hit-and-run` turns. */
export const turnsIn = 6;
/** Rounds of an epoch. */
const tempo = 3;

type Make = (sources: ConductSources) => Conduct;

const training = (sources: ConductSources, variation: Variation = {}): UpdatePolicy =>
  new VariedTraining({ ...sources, variation });
const idle = ({ context }: ConductSources): UpdatePolicy => {
  const { specs } = context.run;
  return {
    offer: async ({ workerState }) => ({ values: zeros(specs), moments: workerState.moments }),
    close: async () => undefined,
  };
};
const nearCopy =
  (share: number): Make =>
  ({ context, neuronId }) => ({
    policy: changed(adversaryPolicy("copycat")(context), (values, round) =>
      perturbed(values, share, `near-copy/${neuronId}/${round}`),
    ),
    compute: 0,
  });
const flipped = (sources: ConductSources) => changed(training(sources), (values) => scaled(values, -1));

const conducts: ReadonlyMap<string, Make> = new Map<string, Make>([
  ["honest", (sources) => ({ policy: training(sources), compute: 1, honest: true })],
  ["slow", (sources) => ({ policy: training(sources), compute: 1, honest: true, serves: "attestPhase" })],
  ["noise", ({ context }) => ({ policy: adversaryPolicy("noise")(context), compute: 0 })],
  ["zero", (sources) => ({ policy: idle(sources), compute: 0 })],
  [
    "zero-then-random",
    (sources) => {
      const [zero, noise] = [idle(sources), adversaryPolicy("noise")(sources.context)];
      return {
        policy: switching((round) => (Math.floor(round / tempo) % 2 === 0 ? zero : noise)),
        compute: 0,
      };
    },
  ],
  ["copycat", ({ context }) => ({ policy: adversaryPolicy("copycat")(context), compute: 0 })],
  ...[10, 30, 50, 70, 90].map((percent): [string, Make] => [`near-copy-${percent}`, nearCopy(percent / 100)]),
  ["twin", (sources) => ({ policy: sources.shared.of(training(sources)), compute: 1 / sources.uids })],
  ["half-work", (sources) => ({ policy: training(sources, { steps: 3 }), compute: 0.3 })],
  ["wrong-data", (sources) => ({ policy: training(sources, foreignText(sources)), compute: 1 })],
  ["stale", (sources) => ({ policy: training(sources, { age: 3 }), compute: 1 })],
  ["sign-flip", (sources) => ({ policy: flipped(sources), compute: 1 })],
  [
    "norm-inflation",
    (sources) => ({ policy: changed(training(sources), (values) => scaled(values, 100)), compute: 1 }),
  ],
  [
    "slow-poison",
    (sources) => ({
      policy: changed(training(sources), (values) => poisoned(values, 0.3, "slow-poison")),
      compute: 1,
    }),
  ],
  ["late", (sources) => ({ policy: training(sources), compute: 1, commits: "late" })],
  [
    "commit-no-reveal",
    ({ context }) => ({ policy: adversaryPolicy("noise")(context), compute: 0, reveals: false }),
  ],
  ["withhold", ({ context }) => ({ policy: adversaryPolicy("noise")(context), compute: 0, serves: "never" })],
  ["garbage", (sources) => ({ policy: idle(sources), compute: 0, bytes: hostileBytes })],
  [
    "sybil",
    (sources) => {
      const work = training(sources);
      const { place, uids } = sources;
      return { policy: switching((round) => (round % uids === place ? work : sitOut)), compute: 1 / uids };
    },
  ],
  [
    "hit-and-run",
    (sources) => {
      const [good, bad] = [training(sources), flipped(sources)];
      return { policy: switching((round) => (round < turnsIn ? good : bad)), compute: 1 };
    },
  ],
  ["audit-forger", ({ context }) => ({ policy: adversaryPolicy("audit-forger")(context), compute: 0 })],
  ["eval-overfit", (sources) => ({ policy: training(sources, evaluatedText(sources)), compute: 1 })],
]);

/** @throws FatalError `UNKNOWN_ATTACK` */
export function conductOf(name: string): Make {
  const make = conducts.get(name);
  if (make !== undefined) return make;
  throw new FatalError("UNKNOWN_ATTACK", `no miner behaves like "${name}"`, { data: { name } });
}

/** Text in another language, of the same letters. */
function foreignText({ run, neuronId }: ConductSources): Variation {
  const width = run.manifest.model.sequenceLength + 1;
  return {
    sequences: async (round, count) => {
      const text = labText("foreign", 0, Number(neuronId) * 1000 + round, count * width);
      return Array.from({ length: count }, (_, k) =>
        Int32Array.from(text.subarray(k * width, (k + 1) * width)),
      );
    },
  };
}

/** The sequences that random ones are drawn from, whatever was assigned. */
function evaluatedText({ run, dataset, neuronId }: ConductSources): Variation {
  const { data, model } = run.manifest;
  return {
    sequences: async (round, count, signal) => {
      const { uniform } = drawsOf(`eval-overfit/${neuronId}/${round}`);
      const sequences: Int32Array[] = [];
      for (let k = 0; k < count; k++) {
        const shard = Math.floor(uniform() * dataset.shardCount);
        const most = Math.min(data.evalSequences, dataset.sequenceCount(shard, model.sequenceLength));
        const sequence = Math.floor(uniform() * most);
        sequences.push(await dataset.sequenceAt(shard, sequence, model.sequenceLength, signal));
      }
      return sequences;
    },
  };
}

/** The header of an update and then bytes by lot, of its length. */
function hostileBytes(plain: Uint8Array, round: number): Uint8Array {
  const { uniform } = drawsOf(`garbage/${round}`);
  return plain.map((byte, index) => (index < 32 ? byte : Math.floor(256 * uniform())));
}
