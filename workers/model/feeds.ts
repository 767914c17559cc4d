import { Tensor } from "onnxruntime-node";
import type { ModelSettings } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import { port } from "./graphs.ts";
import { parameterLayout } from "./layout.ts";

/** θ under the names that graphs take it by, without a copy. */
export function parameterFeeds(model: ModelSettings, theta: Tensors): Record<string, Tensor> {
  const entries = parameterLayout(model).map(
    ({ name, shape }, index) => [port.parameter(name), new Tensor("float32", theta[index], shape)] as const,
  );
  return Object.fromEntries(entries);
}
