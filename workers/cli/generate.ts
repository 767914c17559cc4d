/** `npm run generate`: lets a model folder write on from a prompt. */
import { Command } from "commander";
import { endOf, jsonTokenizer, TextStream, type TextTokenizer } from "../data/jsonTokenizer.ts";
import { Generator } from "../model/generation.ts";
import { type ReadModel, readModelFolder } from "../model/modelFolder.ts";
import { FatalError } from "../protocol/errors.ts";
import { runToExit } from "../runtime/exit.ts";
import { systemErrorCode } from "../runtime/files.ts";
import { installShutdown } from "../runtime/shutdown.ts";
import { numberIn, wholeIn } from "./optionValues.ts";

interface Given {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens: string;
  readonly temperature: string;
  readonly topP: string;
  readonly seed: string;
  readonly threads: string;
}

const command = new Command("npm run generate --")
  .description("Lets a model write on from a prompt. The text goes to standard output as it is written.")
  .option("--model <dir>", "model folder, as npm start and transformers write it", ".weft/localnet/model")
  .option("--prompt <text>", "what to go on from", "The ")
  .option("--max-tokens <n>", "tokens to write", "200")
  .option("--temperature <t>", "0 takes the likeliest token, 1 draws from the model's distribution", "0.7")
  .option("--top-p <p>", "draw from the likeliest tokens that make up this share", "0.95")
  .option("--seed <n>", "the same seed writes the same text", "1")
  .option("--threads <n>", "threads", "1");

await runToExit(async () => {
  const given = command.parse().opts<Given>();
  const temperature = numberIn("--temperature", given.temperature, 0, 100);
  const topP = numberIn("--top-p", given.topP, 1e-6, 1);
  const length = wholeIn("--max-tokens", given.maxTokens, 1, 1_000_000);
  const seed = wholeIn("--seed", given.seed, 0, 2 ** 32 - 1);
  const threads = wholeIn("--threads", given.threads, 1, 256);
  const shutdown = installShutdown();
  try {
    const read = await readModelFolder(given.model, shutdown.signal).catch((error) => {
      if (systemErrorCode(error) !== "ENOENT") throw error;
      throw new FatalError("MODEL_MISSING", `there is no model in ${given.model}`, {
        hint: "Give --model DIR. npm start leaves one in .weft/localnet/model.",
        cause: error,
      });
    });
    const { model, theta } = read;
    const tokenizer = tokenizerOf(given.model, read);
    const prompt = tokenizer.encode(given.prompt);
    if (prompt.length === 0)
      throw new FatalError("OPTION_INVALID", "--prompt is empty", { hint: "Give --prompt TEXT." });
    if (prompt.some((id) => id >= model.vocab)) {
      throw new FatalError("TOKENIZER_INVALID", "the tokenizer has more tokens than the model");
    }
    const generator = await Generator.open(model, threads);
    const stream = new TextStream(tokenizer, prompt);
    process.stdout.write(given.prompt);
    const end = read.end ?? endOf(tokenizer);
    const choices = Math.min(model.vocab, tokenizer.vocabulary);
    const options = { length, temperature, topP, seed, choices, ...(end !== undefined && { end }) };
    for await (const token of generator.continue(theta, prompt, options)) {
      shutdown.signal.throwIfAborted();
      process.stdout.write(stream.push(token));
    }
    process.stdout.write(`${stream.end()}\n`);
  } finally {
    shutdown.dispose();
  }
});

function tokenizerOf(folder: string, { tokenizer }: ReadModel): TextTokenizer {
  if (tokenizer === undefined) {
    throw new FatalError("TOKENIZER_MISSING", `there is no tokenizer.json in ${folder}`, {
      hint: "Put the model's tokenizer.json beside its config.json.",
    });
  }
  return jsonTokenizer(tokenizer.json, tokenizer.config);
}
