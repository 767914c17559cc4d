import type { MinerContext, UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { AuditForger } from "./auditForger.ts";
import { Copycat } from "./copycat.ts";
import { Noise } from "./noise.ts";

/** Builds a miner's policy from what its process gives it. */
export type MakePolicy = (context: MinerContext) => UpdatePolicy;

const adversaries: ReadonlyMap<string, MakePolicy> = new Map<string, MakePolicy>([
  [
    "audit-forger",
    ({ run }) => new AuditForger({ specs: run.specs, innerSteps: run.manifest.training.innerSteps }),
  ],
  [
    "copycat",
    ({ run, neuronId, follower, updates }) =>
      new Copycat({
        neuronId,
        specs: run.specs,
        reveals: (round) => follower.history.reveals(round),
        read: (reveal, signal) => updates.read(reveal, signal),
      }),
  ],
  [
    "noise",
    ({ run, neuronId }) => {
      const { peakLearningRate, innerSteps } = run.manifest.training;
      return new Noise({ neuronId, specs: run.specs, magnitude: peakLearningRate * innerSteps });
    },
  ],
]);

/** Names that `adversaryPolicy` knows. */
export function adversaryNames(): readonly string[] {
  return [...adversaries.keys()];
}

/**
 * What makes an adversary's policy, over the same miner as everybody's.
 * @throws FatalError `UNKNOWN_ADVERSARY` listing the known ones.
 */
export function adversaryPolicy(name: string): MakePolicy {
  const make = adversaries.get(name);
  if (make !== undefined) return make;
  const known = adversaryNames();
  throw new FatalError("UNKNOWN_ADVERSARY", `There is no adversary called "${name}".`, {
    data: { name, known },
    hint: `Known are: ${known.join(", ")}.`,
  });
}
