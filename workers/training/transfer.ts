import type { InferenceSession, Tensor } from "onnxruntime-node";
import { parameterLayout } from "../model/layout.ts";
import { Graph } from "../onnx/graph.ts";
import { openSession } from "../onnx/session.ts";
import type { TrainerSettings } from "./trainer.ts";

/**
 * Moves tensors of the model's shapes to the device, or from it, through a graph of one identity each: asking a device
 * tensor for its data ends the process (onnxruntime-node 1.30).
 */
export class Transfer {
  /** By shape. */
  readonly #sessions: ReadonlyMap<string, InferenceSession>;

  private constructor(sessions: ReadonlyMap<string, InferenceSession>) {
    this.#sessions = sessions;
  }

  static async open(
    direction: "up" | "down",
    { model, threads, profile }: Omit<TrainerSettings, "training">,
  ): Promise<Transfer> {
    const sessions = new Map<string, InferenceSession>();
    for (const { shape } of parameterLayout(model)) {
      if (sessions.has(shape.join())) continue;
      const graph = new Graph("transfer", profile);
      graph.output(graph.input("from", shape), "to");
      const resident = direction === "up" ? ["to"] : [];
      sessions.set(shape.join(), await openSession(graph, { threads, resident }));
    }
    return new Transfer(sessions);
  }

  /** What was given stays where it is. */
  async move(tensors: readonly Tensor[]): Promise<Tensor[]> {
    const moved: Tensor[] = [];
    for (const tensor of tensors) {
      const session = this.#sessions.get(tensor.dims.join());
      if (session === undefined) throw new Error(`no transfer for shape ${tensor.dims}`);
      moved.push((await session.run({ from: tensor })).to);
    }
    return moved;
  }
}

/** Frees device buffers; host tensors stay. */
export function disposeResident(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) if (tensor.location === "gpu-buffer") tensor.dispose();
}
