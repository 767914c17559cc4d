/** One step of the bench in a process of its own, whose memory it tells: `node bench/data/steps.ts STEP JSON`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { trainBpe } from "../../test/support/bpeTokenizer.ts";
import { DatasetReader } from "../../workers/data/datasetReader.ts";
import { byteDatasetTokenizer, putTokenizer } from "../../workers/data/datasetTokenizer.ts";
import { streamDataset } from "../../workers/data/streamDataset.ts";
import { documentsIn } from "../../workers/data/textSources.ts";
import { shardsOf } from "../../workers/protocol/assignment.ts";
import { refFromCid } from "../../workers/storage/contentRef.ts";
import { LocalStore } from "../../workers/storage/localStore.ts";

/** What a step is told. */
export interface StepTask {
  readonly step: "publish" | "read";
  readonly dir: string;
  readonly tokenizer: "bytes" | "bpe";
  /** Near duplicates are dropped as well. */
  readonly near?: boolean;
  /** Of the data set, to read. */
  readonly dataset?: { readonly cid: string; readonly size: number };
}

export interface StepFigures {
  readonly seconds: number;
  /** Most memory that the process took, MB. */
  readonly peakMB: number;
  readonly dataset?: { readonly cid: string; readonly size: number };
  readonly tokens?: number;
}

const sequenceLength = 1024;
/** Of the default run: sequences of a round, shards and rounds of an epoch. */
const sequences = 240;
const shardsPerEpoch = 4;
const epochs = 10;
const rounds = 3;
const merges = 1000;
const { signal } = new AbortController();

async function publish({ dir, tokenizer, near }: StepTask, store: LocalStore) {
  const { ref, progress } = await streamDataset(
    documentsIn([join(dir, "text.jsonl")], { field: "text", signal }),
    store,
    {
      tokenizer: tokenizer === "bytes" ? byteDatasetTokenizer : await bpe(dir, store),
      shardTokens: 1 << 20,
      heldOutShare: 0.005,
      maxHeldOutTokens: 1 << 20,
      ...(near === true && { nearDuplicates: 0.8 }),
      signal,
    },
  );
  return { dataset: { cid: ref.cid, size: ref.size }, tokens: progress.tokens };
}

async function bpe(dir: string, store: LocalStore) {
  let sample = "";
  for await (const { text } of documentsIn([join(dir, "text.jsonl")], { field: "text", signal })) {
    sample += new TextDecoder().decode(text);
    if (sample.length > 200_000) break;
  }
  const json = new TextEncoder().encode(JSON.stringify(trainBpe(sample, merges)));
  return putTokenizer(store, json, undefined, signal);
}

/** The sequences of a miner's rounds: shards drawn per epoch, sequences per round. */
async function read({ dataset }: StepTask, store: LocalStore) {
  if (dataset === undefined) throw new RangeError("read what?");
  const reader = await DatasetReader.open(refFromCid(dataset.cid, dataset.size), store, { signal });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const beacon = `0x${epoch.toString(16).padStart(64, "0")}` as const;
    const shards = shardsOf(beacon, 1n, shardsPerEpoch, reader.shardCount);
    for (let round = 0; round < rounds; round++) {
      const refs = Array.from({ length: sequences }, (_, k) => {
        const shard = shards[k % shards.length];
        const count = reader.sequenceCount(shard, sequenceLength);
        return { shard, sequence: (k * 7919 + round) % count };
      });
      await reader.sequences(refs, sequenceLength, signal);
    }
  }
  return {};
}

const task: StepTask = JSON.parse(process.argv[2]);
const store = await LocalStore.open(join(task.dir, "content"));
const start = performance.now();
const found = await (task.step === "publish" ? publish(task, store) : read(task, store));
const figures: StepFigures = {
  seconds: (performance.now() - start) / 1000,
  peakMB: (process.resourceUsage().maxRSS * 1024) / 1e6,
  ...found,
};
writeFileSync(process.argv[3], JSON.stringify(figures));
