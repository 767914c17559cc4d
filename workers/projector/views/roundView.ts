import { epochOf, roundEnd, roundStart } from "../../protocol/clock.ts";
import { bitsOf } from "../../protocol/metagraphHistory.ts";
import type { NeuronId, Round } from "../../protocol/quantities.ts";
import type { RoundPage, UpdateRow } from "../api.ts";
import type { ProjectedRun } from "../projectedRun.ts";
import { Refusal } from "../refusal.ts";
import { median, reportsOf, scoresOf, shownOutcomes } from "./scores.ts";

/** Every update of a round. @throws Refusal UNKNOWN_ROUND; as `readBlock` */
export async function roundView(
  projected: ProjectedRun,
  round: Round,
  signal: AbortSignal,
): Promise<RoundPage> {
  const { run, now, projection, head } = projected;
  const { clock } = run.contracts;
  if (now === undefined || round > now.round) {
    const hint = now === undefined ? "The run has not begun." : `It is round ${now.round}.`;
    throw new Refusal(404, "UNKNOWN_ROUND", `round ${round} has not begun`, hint);
  }
  const { history } = projected.window(round, round);
  const outcomes = await projected.outcomes.in(history, round, signal);
  const scores = scoresOf(projection, round, round);
  const shown = shownOutcomes(projection, round, round);
  const lossAt = (at: Round) =>
    median(reportsOf(projection, "heldOutLoss", at, at).map(({ row }) => row.loss));
  const uidOf = (neuronId: NeuronId) => history.metagraph.neuron(neuronId)?.uid;
  const updates: UpdateRow[] = [];
  const copies: { uid: number; of: number }[] = [];
  for (const { neuronId, size, committedAt } of history.commits(round)) {
    const uid = neuronId === undefined ? undefined : uidOf(neuronId);
    if (neuronId === undefined || uid === undefined) continue;
    const { outcome, attestedShare } = outcomes.get(neuronId) ?? {
      outcome: "absent" as const,
      attestedShare: 0,
    };
    const found = scores(round, uid);
    for (const of of new Set(found.map(({ copyOf }) => copyOf))) {
      const original = of === undefined ? undefined : uidOf(of);
      if (original !== undefined) copies.push({ uid, of: original });
    }
    updates.push({
      uid,
      neuronId: String(neuronId),
      outcome: shown(outcome, round, uid),
      attestedShare,
      committedAt: committedAt.time,
      revealedAt: history.rounds.reveal(round, neuronId)?.revealedAt.time ?? null,
      bytes: size,
      evaluations: found.map(({ validator, score, penalties, losses }) => ({
        validator: String(validator),
        ...{ score, penalties, losses: losses ?? null },
      })),
    });
  }
  return {
    round,
    epoch: epochOf(clock, round),
    start: roundStart(clock, round),
    end: roundEnd(clock, round),
    over: (head?.timestamp ?? 0) >= roundEnd(clock, round),
    heldOutLoss: { before: lossAt(round), after: lossAt(round + 1) },
    updates: updates.sort((a, b) => a.uid - b.uid),
    attestations: history.attestations(round).map(({ neuronId, uid, bitmap, attestedAt }) => ({
      neuronId: String(neuronId),
      uid,
      time: attestedAt,
      uids: bitsOf(bitmap),
    })),
    copies,
  };
}
