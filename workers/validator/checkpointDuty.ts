import type { Hex } from "viem";
import { submitCheckpoint } from "../chain/actions/submitCheckpoint.ts";
import type { SigningRun } from "../chain/run.ts";
import type { Journal } from "../database/journal.ts";
import type { SignedCheckpoint } from "../evaluation/evaluationLog.ts";
import type { RunFollower } from "../node/follower.ts";
import type { ModelStates } from "../node/modelStates.ts";
import type { Run } from "../node/run.ts";
import { stateContent } from "../node/stateContent.ts";
import {
  type Checkpoint,
  type CheckpointSignature,
  checkpointSigner,
  checkpointTypedData,
  compactSignature,
  isCheckpointEpoch,
  quorum,
} from "../protocol/checkpoint.ts";
import { epochOf, epochStart, firstRoundOf, roundStart } from "../protocol/clock.ts";
import { WeftError } from "../protocol/errors.ts";
import type { BlockTime, Epoch, Round, Uid } from "../protocol/quantities.ts";
import type { Log } from "../runtime/log.ts";
import { plainSteps, type Steps } from "../runtime/steps.ts";
import { readPublishedLog } from "./publishedLogs.ts";

/** Share of the round in which weights are due that a checkpoint may take: it must not cost the weights. */
const preparationShare = 0.3;

export interface CheckpointDutyOptions {
  readonly run: Run;
  readonly signing: SigningRun;
  readonly follower: RunFollower;
  readonly states: ModelStates;
  readonly journal: Journal;
  readonly log: Log;
  readonly steps?: Steps;
}

/**
 * Signs the state at the start of an epoch and submits what enough validators signed (DESIGN §4, `CheckpointLedger`).
 * Signatures travel in evaluation logs, which every weight commit names: no channel of their own is needed.
 */
export class CheckpointDuty {
  readonly #options: CheckpointDutyOptions;
  #differing: { readonly round: Round; readonly root: Hex; readonly attested: Hex } | undefined;

  constructor(options: CheckpointDutyOptions) {
    this.#options = options;
  }

  /**
   * The signature of the state that `epoch` starts with; null where none is due, where the state is not there in time, or
   * while an attested one differs from this node's own. The content is stored, and the journal written, before anything is signed.
   * @throws FatalError JOURNAL_CONFLICT where this key signed another state of the round; as `ContentStore.put`
   */
  async sign(epoch: Epoch, signal: AbortSignal): Promise<SignedCheckpoint | null> {
    const { run, signing, journal, log, steps = plainSteps } = this.#options;
    if (!isCheckpointEpoch(epoch, run.manifest.checkpointEpochs)) return null;
    if (this.#differing !== undefined) {
      log.error("no checkpoint signed: an attested one differs from this node's state", this.#differing);
      return null;
    }
    const round = firstRoundOf(signing.clock, epoch);
    const due = roundStart(signing.clock, round) + signing.clock.period * preparationShare;
    const checkpoint = await this.#before(due, signal, (aborted) => this.#prepare(round, aborted));
    if (checkpoint === undefined) {
      log.warn("no checkpoint signed: the state was not there in time", { round });
      return null;
    }
    await steps.take("checkpoint written", () => journal.planCheckpoint(checkpoint));
    const data = checkpointTypedData(this.#identity(), checkpoint);
    const signature = compactSignature(await signing.sender.signer.signTypedData(data));
    log.info("checkpoint signed", { round, root: checkpoint.stateRoot });
    return { ...checkpoint, signature };
  }

  /** The state at the start of a round, its content stored. */
  async #prepare(round: Round, signal: AbortSignal): Promise<Checkpoint> {
    const { run, states } = this.#options;
    const { theta, root } = await states.at(round, signal);
    const { digest, size } = await run.store.put(stateContent(theta), { signal });
    return { round, stateRoot: root, contentDigest: digest, contentSize: size };
  }

  /** What `work` gives before the chain's time reaches `due`; undefined, and the work given up, where it takes longer. */
  async #before<Result>(
    due: BlockTime,
    signal: AbortSignal,
    work: (aborted: AbortSignal) => Promise<Result>,
  ): Promise<Result | undefined> {
    const ended = new AbortController();
    const both = AbortSignal.any([signal, ended.signal]);
    const late = this.#options.follower.untilTime(due, both).then(() => undefined);
    const working = work(both);
    try {
      return await Promise.race([working, late]);
    } finally {
      ended.abort(new Error("the time for a checkpoint is over"));
      // Nothing given up goes on writing to the node's folder.
      await Promise.allSettled([working, late]);
    }
  }

  /**
   * Compares what was attested meanwhile with this node's states, and submits the checkpoint at the start of `epoch` + 1 if
   * one is due, nobody has and enough validators signed it.
   */
  async submit(epoch: Epoch, signal: AbortSignal): Promise<void> {
    const { run, signing, states, follower, log } = this.#options;
    if (!isCheckpointEpoch(epoch + 1, run.manifest.checkpointEpochs)) return;
    const round = firstRoundOf(signing.clock, epoch + 1);
    const due = epochStart(signing.clock, epoch + 2);
    const root = await this.#before(due, signal, async (aborted) => (await states.at(round, aborted)).root);
    await follower.sync(signal);
    if (root === undefined) return;
    if (await this.#compare(round, root, signal)) return;
    const signed = await this.#signatures(epoch, round, signal);
    const agreeing = signed.filter(({ checkpoint }) => checkpoint.stateRoot === root);
    const others = signed.filter(({ checkpoint }) => checkpoint.stateRoot !== root);
    if (others.length > 0) {
      log.error("validators signed another state than this node has", {
        round,
        root,
        others: others.map(({ uid, checkpoint }) => ({ uid, root: checkpoint.stateRoot })),
      });
    }
    const stakes = this.#stakes(epochOf(signing.clock, follower.now()?.round ?? round));
    const total = [...stakes.values()].reduce((sum, stake) => sum + stake, 0n);
    const counted = agreeing.flatMap(({ uid, signature }): CheckpointSignature[] => {
      const stake = stakes.get(uid);
      return stake === undefined ? [] : [{ uid, stake, signature }];
    });
    const signatures = quorum(counted, total);
    if (agreeing[0] === undefined || signatures === undefined) {
      log.warn("too few validators signed the checkpoint", { round, signed: counted.map(({ uid }) => uid) });
      return;
    }
    await submitCheckpoint(signing, agreeing[0].checkpoint, signatures, signal);
    log.info("checkpoint attested", { round, root });
  }

  /** Whether the checkpoint of `round`, or a later one, is attested. Where it differs from `root`, the rounds before are replayed. */
  async #compare(round: Round, root: Hex, signal: AbortSignal): Promise<boolean> {
    const { history } = this.#options.follower;
    const attested = history.checkpoints.find((checkpoint) => checkpoint.round === round);
    if (attested !== undefined && attested.stateRoot !== root) {
      this.#differing = { round, root, attested: attested.stateRoot };
      this.#options.log.error("the attested checkpoint differs from this node's state", this.#differing);
      await this.#replay(round, attested.stateRoot, signal);
    }
    return history.checkpoints.some((checkpoint) => checkpoint.round >= round);
  }

  /**
   * Works the state of `round` out again from the last attested checkpoint that this key signed too, or from θ_0. Replay beats
   * attestation (DESIGN §7): if it comes to the attested root, this node was wrong and goes on from there; else it keeps what
   * it has, and signs nothing more.
   */
  async #replay(round: Round, attested: Hex, signal: AbortSignal): Promise<void> {
    const { follower, journal, states, log } = this.#options;
    const agreed = follower.history.checkpoints.findLast(
      (checkpoint) =>
        checkpoint.round < round && journal.checkpoint(checkpoint.round)?.stateRoot === checkpoint.stateRoot,
    );
    const replayed = await states.replay(agreed, round, signal);
    const found = { round, from: agreed?.round ?? 0, replayed: replayed.root, attested };
    if (replayed.root !== attested) {
      log.error(
        "replay does not come to the attested checkpoint: this node keeps its state and signs no more",
        found,
      );
      return;
    }
    log.error("this node's state was wrong, it goes on from the replayed one", found);
    await states.adopt(replayed);
    this.#differing = undefined;
  }

  /** Valid signatures of `round` in the epoch's evaluation logs. What cannot be read or does not verify is left out. */
  async #signatures(epoch: Epoch, round: Round, signal: AbortSignal) {
    const { run, follower, log } = this.#options;
    const found: { uid: Uid; checkpoint: Checkpoint; signature: Hex }[] = [];
    for (const uid of follower.history.permits(epoch)) {
      const neuron = follower.history.metagraph.holder(uid);
      if (neuron === undefined) continue;
      try {
        const published = await readPublishedLog(run, follower.history, neuron.neuronId, epoch, signal);
        const signed = published.log.checkpoint;
        if (signed === null || signed.round !== round) continue;
        const { signature, ...checkpoint } = signed;
        const signer = await checkpointSigner(this.#identity(), checkpoint, signature);
        if (signer?.toLowerCase() === neuron.hotkey.toLowerCase()) found.push({ uid, checkpoint, signature });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof WeftError)) throw error;
        log.warn("a validator's log gives no signature", { uid, epoch, error });
      }
    }
    return found;
  }

  /** Stake of the permitted uids of an epoch, wei. */
  #stakes(epoch: Epoch): Map<Uid, bigint> {
    const { history } = this.#options.follower;
    const held = history.permits(epoch).map((uid) => [uid, history.metagraph.holder(uid)] as const);
    return new Map(
      held.flatMap(([uid, neuron]) =>
        neuron === undefined ? [] : [[uid, history.stakeAt(neuron.neuronId, epoch)] as const],
      ),
    );
  }

  #identity() {
    const { chainId, addresses } = this.#options.run.contracts;
    return { chainId, ledger: addresses.checkpointLedger };
  }
}
