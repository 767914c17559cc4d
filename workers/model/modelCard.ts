import type { Hex } from "viem";
import type { ModelSettings } from "../protocol/manifest.ts";

/** Where a model comes from: everything needed to check it. */
export interface Lineage {
  readonly run: string;
  /** sha256 of the canonical manifest. */
  readonly manifestHash: Hex;
  readonly chainId: number;
  /** `RunRegistry`. */
  readonly registry: string;
  /** Rounds applied to θ_0. */
  readonly rounds: number;
  readonly stateRoot: Hex;
  readonly datasetCid: string;
  /** Held-out loss in nats per token, by rounds applied. */
  readonly losses: readonly { readonly rounds: number; readonly loss: number }[];
}

/** `README.md` of a model folder, with the front matter that model hubs read. */
export function modelCard(model: ModelSettings, parameters: number, lineage: Lineage): string {
  const losses = lineage.losses.map(({ rounds, loss }) => `| ${rounds} | ${loss.toFixed(4)} |`);
  return `---
library_name: transformers
pipeline_tag: text-generation
tags: [llama, decentralised-training, weft]
---

# ${lineage.run}

A llama of ${parameters.toLocaleString("en")} parameters, trained together by machines that do not know each other. It loads in
transformers as \`LlamaForCausalLM\`.

| | |
|---|---|
| layers, width, heads (of keys) | ${model.layers}, ${model.dim}, ${model.heads} (${model.kvHeads}) |
| vocabulary, context | ${model.vocab}, ${model.sequenceLength} |
| rounds | ${lineage.rounds} |
| state root | \`${lineage.stateRoot}\` |
| run manifest, sha256 | \`${lineage.manifestHash}\` |
| chain, RunRegistry | ${lineage.chainId}, \`${lineage.registry}\` |
| data set | \`${lineage.datasetCid}\` |

The state root is that of \`model.safetensors\`: anybody who replays the run's updates, or reads the checkpoint that its
validators attested, comes to the same.

| rounds | held-out loss, nats per token |
|---|---|
${losses.join("\n")}
`;
}
