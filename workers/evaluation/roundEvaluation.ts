import type { ScoringSettings } from "../protocol/manifest.ts";
import type { NeuronId, Uid } from "../protocol/quantities.ts";
import { lowerMedianNorms, tensorNorms } from "../training/clipping.ts";
import type { AuditFinding } from "./audit.ts";
import { type CommittedUpdate, type CopyFinding, findCopies } from "./copies.ts";
import type { NeuronEntry } from "./evaluationLog.ts";
import { improvement, type LossFunction, negativeUpTo } from "./lossScore.ts";
import { type NeuronState, newNeuronState, standingOf } from "./neuronState.ts";
import { type PenaltyReason, penaltyFactors } from "./penalties.ts";
import { type Rating, rateMatch } from "./rating.ts";
import type { RoundCommit, RoundInputs, RoundOutcome, UnreadUpdate } from "./roundInputs.ts";
import { type MeasuredLosses, type MeasuredUpdate, measureUpdates } from "./roundLosses.ts";
import { inactiveAfter, scoreOf } from "./score.ts";
import { followsFrom, nextNeuronState } from "./transition.ts";

/** What a round showed about one neuron. */
interface Evidence {
  readonly uid: Uid;
  readonly state: NeuronState;
  readonly commit: RoundCommit | undefined;
  readonly copy: CopyFinding | undefined;
  readonly losses: MeasuredLosses | undefined;
  readonly audit: AuditFinding | undefined;
}

/** What a round is judged by, the same for all. */
interface Measure {
  /** Improvement up to which an update counts as negative. */
  readonly negativeUpTo: number;
  /** Fewer than half of the commits became eligible: absence then says nothing about anybody. */
  readonly networkFault: boolean;
}

/**
 * Steps 1 to 5 of DESIGN §10 for one round. The same inputs and losses give the same numbers, to the last bit, whatever
 * the order of commits, states and neurons.
 */
export async function evaluateRound(
  inputs: RoundInputs,
  settings: ScoringSettings,
  losses: LossFunction,
  signal: AbortSignal,
): Promise<RoundOutcome> {
  const updates = committedUpdates(inputs);
  const copies = findCopies(updates, inputs.earlier, settings.overlapThreshold);
  const copyOf = new Map(copies.map((copy) => [copy.neuronId, copy]));
  const measured = await measure(inputs, settings, copyOf, losses, signal);
  const improvements = [...measured.values()].map(({ random }) => improvement(random));
  const yardstick = {
    negativeUpTo: negativeUpTo(improvements),
    networkFault: isNetworkFault(inputs.commits),
  };

  const evidence = gatherEvidence(inputs, settings, copyOf, measured);
  const transitions = evidence.map((item) => ({ item, reasons: reasonsOf(item, inputs, yardstick) }));
  const ratings = playMatch(transitions, settings, yardstick);
  const states = new Map<NeuronId, NeuronState>();
  const neurons = transitions.map(({ item, reasons }, index) => {
    const after = nextNeuronState(item.state, {
      round: inputs.round,
      epoch: inputs.epoch,
      rating: ratings[index],
      losses: item.losses,
      reasons,
      eligible: item.commit?.status === "eligible",
      header: item.commit?.update,
      revealed: item.commit !== undefined && item.commit.status !== "unrevealed",
      decay: settings.computationDecay,
      audit: item.audit,
      // Without audits nothing was ever lost that could come back.
      auditDecay: settings.audit?.decay ?? 0,
    });
    states.set(after.neuronId, after);
    return entryOf(item, reasons, after, scoreOf(after, settings));
  });
  const { round, parentRoot } = inputs;
  const sampled = [...inputs.sampled].sort((a, b) => a - b);
  return {
    states,
    originals: updates.filter(({ neuronId }) => !copyOf.has(neuronId)),
    entry: { round, parentRoot, sampled, ...yardstick, unread: inUnreadOrder(inputs.unread), neurons },
  };
}

/** Every update of the round that could be decoded, eligible or not. */
function committedUpdates({ round, commits }: RoundInputs): CommittedUpdate[] {
  return commits.flatMap(({ neuronId, blockNumber, logIndex, update }) =>
    update === undefined ? [] : [{ round, neuronId, blockNumber, logIndex, tensors: update.tensors }],
  );
}

function inUnreadOrder(unread: readonly UnreadUpdate[]): UnreadUpdate[] {
  return [...unread].sort((a, b) => a.round - b.round || Number(a.neuronId - b.neuronId));
}

function isNetworkFault(commits: readonly RoundCommit[]): boolean {
  const eligible = commits.filter(({ status }) => status === "eligible").length;
  return commits.length === 0 || 2 * eligible < commits.length;
}

/** Step 3: losses of the sampled, eligible updates that are no copies. */
async function measure(
  inputs: RoundInputs,
  settings: ScoringSettings,
  copies: ReadonlyMap<NeuronId, CopyFinding>,
  losses: LossFunction,
  signal: AbortSignal,
): Promise<Map<NeuronId, MeasuredLosses>> {
  const eligible = inputs.commits
    .flatMap(({ uid, neuronId, status, update }) =>
      status === "eligible" && update !== undefined ? [{ uid, neuronId, tensors: update.tensors }] : [],
    )
    .sort((a, b) => a.uid - b.uid);
  const gathered = eligible.filter(({ uid }) => inputs.gathered.includes(uid));
  const norms = (gathered.length > 0 ? gathered : eligible).map(({ tensors }) => tensorNorms(tensors));
  const chosen = eligible.filter(
    ({ uid, neuronId }) => inputs.sampled.includes(uid) && !copies.has(neuronId),
  );
  const given = new Map<NeuronId, MeasuredLosses>();
  const updates: MeasuredUpdate[] = [];
  for (const { neuronId, tensors } of chosen) {
    const known = inputs.givenLosses?.get(neuronId);
    if (known !== undefined) given.set(neuronId, known);
    else updates.push({ neuronId, tensors, ownSequences: await inputs.ownSequences(neuronId, signal) });
  }
  const { theta, randomSequences } = inputs;
  const caps = lowerMedianNorms(norms, theta.length);
  const against = { theta, randomSequences, caps, evalStep: settings.evalStep };
  return new Map([...given, ...(await measureUpdates(updates, against, losses, signal))]);
}

/** Of every neuron in a slot that committed in this round or before, by uid. */
function gatherEvidence(
  { neurons, commits, states, audits }: RoundInputs,
  settings: ScoringSettings,
  copies: ReadonlyMap<NeuronId, CopyFinding>,
  measured: ReadonlyMap<NeuronId, MeasuredLosses>,
): Evidence[] {
  const byNeuron = new Map(commits.map((commit) => [commit.neuronId, commit]));
  return [...neurons]
    .filter(([neuronId]) => states.has(neuronId) || byNeuron.has(neuronId))
    .sort(([, a], [, b]) => a - b)
    .map(([neuronId, uid]) => ({
      uid,
      state: states.get(neuronId) ?? newNeuronState(neuronId, settings.rating),
      commit: byNeuron.get(neuronId),
      copy: copies.get(neuronId),
      losses: measured.get(neuronId),
      audit: audits?.get(neuronId),
    }));
}

function reasonsOf(
  { state, commit, copy, losses }: Evidence,
  { epoch, zeroStateRoot }: RoundInputs,
  { negativeUpTo: limit, networkFault }: Measure,
): PenaltyReason[] {
  const reasons: PenaltyReason[] = [];
  if (copy !== undefined) reasons.push("copy");
  if (commit?.status === "invalid") reasons.push("invalid");
  else if (commit?.status !== "eligible" && !networkFault) reasons.push("missing");
  if (losses !== undefined && improvement(losses.random) <= limit) reasons.push("negative");
  if (commit?.update !== undefined && !followsFrom(state, commit.update, epoch, zeroStateRoot)) {
    reasons.push("brokenState");
  }
  return reasons;
}

/**
 * Step 4: ratings after one match on the improvement on random text. Copies, invalid and missing updates rank last, tied;
 * who was not sampled, or is inactive, does not play. What speaks against a miner never raises its mean.
 */
function playMatch(
  items: readonly { readonly item: Evidence; readonly reasons: readonly PenaltyReason[] }[],
  settings: ScoringSettings,
  { networkFault }: Measure,
): Rating[] {
  const scores = items.map(({ item, reasons }) => {
    if (item.losses !== undefined) return improvement(item.losses.random);
    const absent = item.commit?.status !== "eligible";
    if (absent && (networkFault || item.state.missedInRow >= inactiveAfter)) return undefined;
    return reasons.some((reason) => reason !== "brokenState") ? Number.NEGATIVE_INFINITY : undefined;
  });
  const playing = items.flatMap(({ item }, index) => {
    const score = scores[index];
    return score === undefined ? [] : [{ index, score, before: item.state.rating }];
  });
  const after = rateMatch(
    playing.map(({ before }) => before),
    playing.map(({ score }) => score),
    settings.rating,
  );
  const ratings = items.map(({ item }) => item.state.rating);
  for (const [place, { index, before }] of playing.entries()) {
    const { mu, sigma } = after[place];
    ratings[index] = { mu: items[index].reasons.length > 0 ? Math.min(mu, before.mu) : mu, sigma };
  }
  return ratings;
}

function entryOf(
  { uid, state, commit, copy, losses, audit }: Evidence,
  reasons: readonly PenaltyReason[],
  after: NeuronState,
  score: number,
): NeuronEntry {
  return {
    uid,
    neuronId: state.neuronId,
    status: commit?.status ?? "silent",
    losses: losses ?? null,
    copyOf:
      copy === undefined
        ? null
        : { neuronId: copy.originalNeuronId, round: copy.originalRound, overlap: copy.overlap },
    penalties: reasons.map((reason) => ({ reason, factor: penaltyFactors[reason] })),
    audit: audit ?? null,
    before: standingOf(state),
    after: standingOf(after),
    score,
  };
}
