/**
 * What a validator's evaluation costs beside a miner's round: `npm run bench:evaluation [-- --updates N] [--json FILE]`, on the
 * model and the scoring of the default run and of a larger one, one thread, in turns on the same machine. A miner's round is
 * H inner steps, compression and encoding; an evaluation decodes all updates, looks for copies and computes the losses.
 * `--discern ROUNDS` says instead what a number of sequences can tell apart, on real text.
 */
import { writeFileSync } from "node:fs";
import { heavyTailedTensors, SAMPLE_HEADER, seededRandom } from "../test/support/pseudoGradients.ts";
import { atLeast } from "../workers/cli/commandLine.ts";
import type { SparseTensor } from "../workers/codec/sparseTensor.ts";
import { decodeUpdate } from "../workers/codec/update.ts";
import { findCopies } from "../workers/evaluation/copies.ts";
import { evaluationBatch } from "../workers/evaluation/evaluationBatch.ts";
import { measureUpdates } from "../workers/evaluation/roundLosses.ts";
import { defaultRunSettings, type RunSettings } from "../workers/model/defaults.ts";
import { initialState } from "../workers/model/initialState.ts";
import { parameterLayout } from "../workers/model/layout.ts";
import { composeUpdate } from "../workers/node/composeUpdate.ts";
import { parameterCount } from "../workers/protocol/tensors.ts";
import { lowerMedianNorms, tensorNorms } from "../workers/training/clipping.ts";
import { Engine } from "../workers/training/engine.ts";
import { workerStateRoot, zeroWorkerState } from "../workers/training/workerState.ts";
import { openAudit, playRound } from "./evaluation/audit.ts";
import { type Discernment, measureDiscernment } from "./evaluation/discern.ts";
import { benchCommand } from "./options.ts";

interface Figures {
  readonly settings: string;
  readonly parameters: number;
  readonly updates: number;
  /** Sequences of a miner's round, and of the evaluation. */
  readonly trained: number;
  readonly evaluated: number;
  readonly minerSeconds: number;
  readonly decodeSeconds: number;
  readonly copiesSeconds: number;
  readonly lossesSeconds: number;
  /** Evaluation over the miner's round. */
  readonly share: number;
  /** One audit: the published state read and checked, the round again, comparison; and its share of the miner's round. */
  readonly auditSeconds: number;
  readonly auditShare: number;
  /** What roots and addresses of a worker state cost a miner in a round. */
  readonly rootSeconds: number;
}

const given = benchCommand("evaluation", "What a validator's evaluation costs beside a miner's round.")
  .option("--updates <n>", "updates that are evaluated", atLeast(1), 20)
  .option(
    "--discern <n>",
    "instead: what 4 to 32 sequences tell apart, over so many rounds of the default run",
    atLeast(1),
  )
  .option("--repeats <n>", "turns of which the fastest counts", atLeast(1), 3)
  .parse()
  .opts<{
    readonly updates: number;
    readonly discern?: number;
    readonly repeats: number;
    readonly json?: string;
  }>();

const signal = new AbortController().signal;
const base = defaultRunSettings(100);
/** The default run's batch is small so that rounds are short; networks of real machines train on larger ones. */
const variants: readonly (readonly [string, RunSettings])[] = [
  ["default", base],
  ["batch of 32", { ...base, training: { ...base.training, batchSequences: 32 } }],
];

const results: (Figures | Discernment)[] = [];
if (given.discern !== undefined) {
  for (const found of await measureDiscernment(given.discern)) {
    results.push(found);
    const { sequences, honestNegative, noisePassed, ownEvidence } = found;
    const shares = [honestNegative, noisePassed].map((share) => `${(share * 100).toFixed(2)} %`);
    console.log(
      `${sequences} sequences: honest counted negative ${shares[0]}, noise that passes ${shares[1]}, mean B ${ownEvidence.toFixed(2)}`,
    );
  }
}
for (const [name, settings] of given.discern === undefined ? variants : []) {
  const figures = await measure(name, settings, given.updates, given.repeats);
  results.push(figures);
  const { minerSeconds, decodeSeconds, copiesSeconds, lossesSeconds, share } = figures;
  const seconds = [minerSeconds, decodeSeconds, copiesSeconds, lossesSeconds].map((value) =>
    value.toFixed(3),
  );
  console.log(
    `${name}: miner ${seconds[0]} s, evaluation of ${figures.updates}: decode ${seconds[1]} s + copies ${seconds[2]} s + losses ${seconds[3]} s = ${(share * 100).toFixed(0)} %; audit ${figures.auditSeconds.toFixed(3)} s = ${(figures.auditShare * 100).toFixed(0)} %, root ${(figures.rootSeconds * 1000).toFixed(1)} ms`,
  );
}
if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(results, null, 2)}\n`);

async function measure(
  name: string,
  settings: RunSettings,
  count: number,
  repeats: number,
): Promise<Figures> {
  const { model, training, compression, scoring } = settings;
  const specs = parameterLayout(model);
  const engine = new Engine({ model, training, threads: 1, evaluationBatch: evaluationBatch(scoring) });
  const theta = initialState(model, 1);
  const workerState = zeroWorkerState(specs);
  const run = { specs, manifestHash: SAMPLE_HEADER.manifestHash, manifest: { compression } };
  const random = seededRandom(5);
  const tokens = (length: number) => Int32Array.from({ length }, () => Math.floor(random() * model.vocab));
  const width = model.sequenceLength + 1;
  const sequences = (length: number) => Array.from({ length }, () => tokens(width));

  const batches = Array.from({ length: training.innerSteps }, () => tokens(training.batchSequences * width));
  const mine = (from = workerState) => playRound({ engine, run, theta, batches, signal }, from);
  const { after: carried } = await mine();
  const audit = await openAudit(carried, specs, signal);
  const encoded = Array.from({ length: count * (scoring.overlapRounds + 1) }, (_, index) => {
    const offer = { values: heavyTailedTensors(specs, index), moments: workerState.moments };
    return composeUpdate(
      run,
      BigInt(index + 1),
      { round: 0, root: SAMPLE_HEADER.parentRoot },
      workerState,
      offer,
    ).bytes;
  });
  const limits = { specs, ...compression, maxBytes: settings.limits.maxUpdateBytes };
  const decode = (from: number, until: number) =>
    encoded.slice(from, until).map((bytes) => decodeUpdate(bytes, limits).tensors);
  const committed = (all: readonly (readonly SparseTensor[])[], round: number) =>
    all.map((tensors, index) => ({
      round,
      neuronId: BigInt(index + 1),
      blockNumber: BigInt(round),
      logIndex: index,
      tensors,
    }));
  const earlier = Array.from({ length: scoring.overlapRounds }, (_, back) =>
    committed(decode(count * (back + 1), count * (back + 2)), back),
  ).flat();

  const best = { miner: Number.POSITIVE_INFINITY, decode: Number.POSITIVE_INFINITY };
  const audits = { audit: Number.POSITIVE_INFINITY, root: Number.POSITIVE_INFINITY };
  const evaluation = { copies: Number.POSITIVE_INFINITY, losses: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < repeats; turn++) {
    best.miner = Math.min(best.miner, await seconds(() => mine(carried)));
    audits.audit = Math.min(audits.audit, await seconds(() => audit.run(mine)));
    audits.root = Math.min(audits.root, await seconds(() => workerStateRoot(specs, carried)));
    let updates: (readonly SparseTensor[])[] = [];
    best.decode = Math.min(
      best.decode,
      await seconds(() => {
        updates = decode(0, count);
      }),
    );
    evaluation.copies = Math.min(
      evaluation.copies,
      await seconds(() => findCopies(committed(updates, 9), earlier, scoring.overlapThreshold)),
    );
    const caps = lowerMedianNorms(updates.map(tensorNorms), theta.length);
    const against = {
      theta,
      randomSequences: sequences(scoring.randomSequences),
      caps,
      evalStep: scoring.evalStep,
    };
    const tried = updates.map((tensors, index) => ({
      neuronId: BigInt(index + 1),
      tensors,
      ownSequences: sequences(scoring.ownSequences),
    }));
    const losses = (tensors: typeof theta, chosen: readonly Int32Array[], aborted: AbortSignal) =>
      engine.sequenceLosses(tensors, chosen, { signal: aborted });
    evaluation.losses = Math.min(
      evaluation.losses,
      await seconds(() => measureUpdates(tried, against, losses, signal)),
    );
  }
  await engine.close();
  audit.close();
  const { ownSequences: own, randomSequences: shared } = scoring;
  return {
    settings: name,
    parameters: parameterCount(specs),
    updates: count,
    trained: training.innerSteps * training.batchSequences,
    evaluated: shared + count * own + count * (shared + own),
    minerSeconds: best.miner,
    decodeSeconds: best.decode,
    copiesSeconds: evaluation.copies,
    lossesSeconds: evaluation.losses,
    share: (best.decode + evaluation.copies + evaluation.losses) / best.miner,
    auditSeconds: audits.audit,
    auditShare: audits.audit / best.miner,
    rootSeconds: audits.root,
  };
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
