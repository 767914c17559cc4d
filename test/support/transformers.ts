import { execFileSync } from "node:child_process";
import { join } from "node:path";

const script = join(import.meta.dirname, "python", "llama_logits.py");

export interface TransformersAnswer {
  readonly logits: readonly (readonly number[])[];
  /** The tokens as text, and the ids of that text again. */
  readonly text: string;
  readonly ids: readonly number[];
}

/** What Hugging Face transformers makes of a model folder. */
export function transformersLogits(
  python: string,
  folder: string,
  tokens: readonly number[],
): TransformersAnswer {
  const output = execFileSync(python, [script, folder, JSON.stringify(tokens)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 1 << 28,
    env: { ...process.env, HF_HUB_OFFLINE: "1" },
  });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/** A Python that has transformers and torch, or why there is none. `WEFT_PYTHON` names another than `python3`. */
export function findTransformers(): { readonly python: string } | { readonly missing: string } {
  const python = process.env.WEFT_PYTHON ?? "python3";
  try {
    execFileSync(python, ["-c", "import torch, transformers"], { stdio: "ignore" });
    return { python };
  } catch {
    return { missing: `${python} has no torch and transformers (WEFT_PYTHON names another)` };
  }
}
