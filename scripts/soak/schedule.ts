import { createHash } from "node:crypto";

/** `name` is killed `at` seconds after the start of the soak, and started again `downSeconds` later. */
export interface Kill {
  readonly at: number;
  readonly name: string;
  readonly downSeconds: number;
}

export interface SchedulePlan {
  readonly seed: string;
  /** Who may be killed. */
  readonly names: readonly string[];
  /** Seconds of the soak within which kills fall. */
  readonly from: number;
  readonly until: number;
  /** Mean seconds between two kills; they come without memory, so that each moment of a round is as likely. */
  readonly meanGapSeconds: number;
  readonly mostDownSeconds: number;
}

/** The kills that follow from a seed, in order. Nobody is killed while down. */
export function killSchedule(plan: SchedulePlan): Kill[] {
  const { seed, names, from, until, meanGapSeconds, mostDownSeconds } = plan;
  const kills: Kill[] = [];
  const upAt = new Map<string, number>();
  if (names.length === 0) return kills;
  let at = from;
  for (let index = 0; ; index++) {
    at += -Math.log(1 - draw(seed, index, "gap")) * meanGapSeconds;
    if (at >= until) return kills;
    const up = names.filter((name) => (upAt.get(name) ?? 0) < at);
    const name = up[Math.floor(draw(seed, index, "name") * up.length)];
    if (name === undefined) continue;
    const downSeconds = draw(seed, index, "down") * mostDownSeconds;
    kills.push({ at, name, downSeconds });
    upAt.set(name, at + downSeconds);
  }
}

/** A number in [0, 1): the same for the same seed, index and purpose. */
function draw(seed: string, index: number, purpose: string): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, index, purpose]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
