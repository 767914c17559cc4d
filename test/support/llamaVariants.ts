import type { ModelSettings } from "../../workers/protocol/manifest.ts";
import type { Tensors } from "../../workers/protocol/tensors.ts";
import { lively, tinyModel } from "./tinyModel.ts";

/** Models that differ in what a checkpoint can differ in, each with its parameters. */
export const llamaVariants: readonly { readonly name: string; readonly model: ModelSettings }[] = [
  { name: "tied, grouped keys", model: tinyModel },
  { name: "untied, one key head", model: { ...tinyModel, tied: false, kvHeads: 1 } },
  {
    name: "untied, all key heads, another base",
    model: { ...tinyModel, tied: false, kvHeads: 4, ropeTheta: 500 },
  },
];

export function variantState(model: ModelSettings): Tensors {
  return lively(model, 5);
}

/** A text with a character of two bytes, as many bytes as the variants' context. */
export const variantTokens: readonly number[] = [...new TextEncoder().encode("Grüße, Weft")];
