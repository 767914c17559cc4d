/** `npm run publish-dataset`: text, JSONL and Parquet into shards that a run can name. */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { numberIn, wholeIn } from "../../workers/cli/optionValues.ts";
import {
  byteDatasetTokenizer,
  type DatasetTokenizer,
  putTokenizer,
} from "../../workers/data/datasetTokenizer.ts";
import { TokenizerError } from "../../workers/data/jsonTokenizer.ts";
import { type StreamProgress, streamDataset } from "../../workers/data/streamDataset.ts";
import { documentsIn } from "../../workers/data/textSources.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { runToExit } from "../../workers/runtime/exit.ts";
import { systemFetch } from "../../workers/runtime/network.ts";
import { sparingProgress } from "../../workers/runtime/progress.ts";
import { installShutdown } from "../../workers/runtime/shutdown.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { openStore, storeSettings } from "../../workers/storage/openStore.ts";

interface Given {
  readonly input: readonly string[];
  readonly tokenizer: string;
  readonly end?: string;
  readonly field: string;
  readonly store: string;
  readonly shardTokens: string;
  readonly heldOut: string;
  readonly nearDuplicates?: string;
  readonly json?: string;
}

const maxHeldOutTokens = 1 << 20;
/** Milliseconds between two lines of progress. */
const progressMs = 1000;

const command = new Command("npm run publish-dataset --")
  .description(
    "Turns text, .jsonl and .parquet files into a data set: shards and a manifest in the content store.",
  )
  .requiredOption("--input <path...>", "files and folders; folders with all below them")
  .option("--tokenizer <t>", "bytes, or a Hugging Face tokenizer.json", "bytes")
  .option("--end <token>", "token after each document, where it is not <|endoftext|>, </s> or the like")
  .option("--field <name>", "field of a JSON line or column of a Parquet file that holds the text", "text")
  .option(
    "--store <dir>",
    "folder of the content store (IPFS_API names a daemon instead)",
    ".weft/local/content",
  )
  .option("--shard-tokens <n>", "tokens of a shard", String(1 << 20))
  .option("--held-out <share>", "share of the documents that nobody trains on", "0.005")
  .option(
    "--near-duplicates <share>",
    "drop documents that share so much of their 64-byte pieces with an earlier one, e.g. 0.8 (default: equal ones alone)",
  )
  .option("--json <file>", "write what was published to a file");

await runToExit(async () => {
  const given = command.parse().opts<Given>();
  const shutdown = installShutdown();
  const { signal } = shutdown;
  try {
    const store = await openStore(storeSettings(resolve(given.store), process.env), {
      fetch: systemFetch,
      clock: systemClock,
    });
    const started = systemClock.now();
    const seconds = () => (systemClock.now() - started) / 1000;
    const progressed = sparingProgress((line) => console.log(line), systemClock, progressMs);
    const onProgress = (progress: StreamProgress) => progressed(() => lineOf(progress, seconds()));
    const { ref, manifest, progress } = await streamDataset(
      documentsIn(given.input, { field: given.field, signal }),
      store,
      {
        tokenizer: await tokenizerOf(given, store, signal),
        shardTokens: wholeIn("--shard-tokens", given.shardTokens, 1, 16 << 20),
        heldOutShare: numberIn("--held-out", given.heldOut, 1e-6, 0.5),
        maxHeldOutTokens,
        ...(given.nearDuplicates !== undefined && {
          nearDuplicates: numberIn("--near-duplicates", given.nearDuplicates, 0.5, 1),
        }),
        signal,
        onProgress,
      },
    );
    console.log(lineOf(progress, seconds()));
    console.log(`held out: ${manifest.stats.heldOutDocuments} documents, ${manifest.heldOut.tokens} tokens`);
    console.log(`dataset ${ref.cid} (${ref.size} bytes)`);
    console.log(`Deploy a run on it: npx hardhat deploy --dataset ${ref.cid}:${ref.size}`);
    if (given.json !== undefined) {
      const report = { dataset: ref, seconds: seconds(), ...progress, tokenizer: manifest.tokenizer };
      await writeFile(given.json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    shutdown.dispose();
  }
});

function lineOf({ documents, duplicates, bytes, tokens, shards }: StreamProgress, seconds: number): string {
  const rate = bytes / 1e6 / Math.max(seconds, 1e-3);
  return `${(bytes / 1e6).toFixed(1)} MB read (${rate.toFixed(0)} MB/s), ${documents} documents, ${duplicates} duplicates, ${tokens} tokens, ${shards} shards`;
}

async function tokenizerOf(
  { tokenizer, end }: Given,
  store: ContentStore,
  signal: AbortSignal,
): Promise<DatasetTokenizer> {
  if (tokenizer === "bytes") return byteDatasetTokenizer;
  const bytes = await readFile(tokenizer, { signal }).catch((cause) => {
    throw new TokenizerError(`${tokenizer} cannot be read: give bytes or a tokenizer.json`, cause);
  });
  return putTokenizer(store, new Uint8Array(bytes), end === undefined ? undefined : [end], signal);
}
