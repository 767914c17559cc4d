/**
 * Writes test/vectors/llama.json: logits that transformers computes for small models of ours. Needs a Python with torch
 * and transformers: `node tools/generate-llama-vectors.ts PYTHON`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { llamaVariants, variantState, variantTokens } from "../test/support/llamaVariants.ts";
import { transformersLogits } from "../test/support/transformers.ts";
import { writeModelFolder } from "../workers/model/modelFolder.ts";

const python = process.argv[2];
if (python === undefined) throw new Error("Which Python? node tools/generate-llama-vectors.ts PYTHON");
const folder = mkdtempSync(join(tmpdir(), "weft-llama-"));
try {
  const cases: { name: string; logits: number[][] }[] = [];
  for (const { name, model } of llamaVariants) {
    await writeModelFolder(folder, model, variantState(model));
    const { logits } = transformersLogits(python, folder, variantTokens);
    cases.push({ name, logits: logits.map((row) => row.map((value) => Number(value.toPrecision(7)))) });
  }
  writeFileSync("test/vectors/llama.json", `${JSON.stringify({ tokens: variantTokens, cases })}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
