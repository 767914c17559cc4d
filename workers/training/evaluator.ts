import { type InferenceSession, Tensor } from "onnxruntime-node";
import { parameterFeeds } from "../model/feeds.ts";
import { evaluationGraph, evaluationLoopGraph, port } from "../model/graphs.ts";
import { profileOf } from "../onnx/profiles.ts";
import { openSession } from "../onnx/session.ts";
import type { ModelSettings } from "../protocol/manifest.ts";
import type { Tensors } from "../protocol/tensors.ts";
import type { Device } from "./device.ts";
import type { EvaluateTask } from "./engineMessages.ts";
import { floats } from "./trainer.ts";
import { disposeResident, Transfer } from "./transfer.ts";

/** Batches in one run on CUDA, which takes the parameters from the host in every run. */
const LOOPED_BATCHES = 8;

/** Losses of single sequences on one onnxruntime session. Blocks its thread during a run. */
export class Evaluator {
  readonly #session: InferenceSession;
  readonly #model: ModelSettings;
  /** Shape of what a run takes, without the tokens' axis: [batch], or [batches, batch] in a loop. */
  readonly #shape: readonly number[];
  /** Where θ goes to the device once. */
  readonly #upload: Transfer | undefined;

  private constructor(
    session: InferenceSession,
    model: ModelSettings,
    shape: readonly number[],
    upload: Transfer | undefined,
  ) {
    this.#session = session;
    this.#model = model;
    this.#shape = shape;
    this.#upload = upload;
  }

  static async open(
    model: ModelSettings,
    batch: number,
    threads: number,
    device: Device,
  ): Promise<Evaluator> {
    const profile = profileOf(device.provider, device);
    const looped = device.provider === "cuda";
    const shape = looped ? [LOOPED_BATCHES, batch] : [batch];
    const graph = looped
      ? evaluationLoopGraph(model, batch, LOOPED_BATCHES, profile)
      : evaluationGraph(model, batch, profile);
    const resident = device.provider === "webgpu";
    const upload = resident ? await Transfer.open("up", { model, threads, profile }) : undefined;
    return new Evaluator(await openSession(graph, { threads }), model, shape, upload);
  }

  /** Mean loss per token of each sequence, nats. `undefined` when `aborted` answered yes before a run. */
  async losses(task: EvaluateTask, aborted: () => boolean): Promise<Float64Array | undefined> {
    const { sequences } = task;
    const width = this.#model.sequenceLength + 1;
    const together = this.#shape.reduce((product, extent) => product * extent, 1);
    const parameters = await this.#parameters(task.theta);
    try {
      const losses = new Float64Array(sequences.length);
      for (let start = 0; start < sequences.length; start += together) {
        if (aborted()) return undefined;
        // The graph's extents are fixed: the last run is filled up with zeros, whose losses are left out.
        const tokens = new Int32Array(together * width);
        const part = sequences.slice(start, start + together);
        for (const [row, sequence] of part.entries()) tokens.set(sequence, row * width);
        const feeds = { ...parameters, [port.tokens]: new Tensor("int32", tokens, [...this.#shape, width]) };
        const results = floats((await this.#session.run(feeds))[port.losses]);
        losses.set(results.subarray(0, part.length), start);
      }
      return losses;
    } finally {
      disposeResident(Object.values(parameters));
    }
  }

  /** θ as the graph takes it; on WebGPU moved to the device once. */
  async #parameters(theta: Tensors): Promise<Record<string, Tensor>> {
    const host = parameterFeeds(this.#model, theta);
    if (this.#upload === undefined) return host;
    const names = Object.keys(host);
    const moved = await this.#upload.move(Object.values(host));
    return Object.fromEntries(names.map((name, index) => [name, moved[index]]));
  }
}
