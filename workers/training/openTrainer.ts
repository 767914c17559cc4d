import { profileOf } from "../onnx/profiles.ts";
import type { ModelSettings, TrainingSettings } from "../protocol/manifest.ts";
import type { Device } from "./device.ts";
import { HostTrainer } from "./hostTrainer.ts";
import { LoopTrainer } from "./loopTrainer.ts";
import { ResidentTrainer } from "./residentTrainer.ts";
import type { Trainer } from "./trainer.ts";

/** The trainer that suits the device: host arrays on the CPU, resident buffers on WebGPU, one `Loop` on CUDA. */
export function openTrainer(
  model: ModelSettings,
  training: TrainingSettings,
  threads: number,
  device: Device,
): Promise<Trainer> {
  const settings = { model, training, threads, profile: profileOf(device.provider, device) };
  switch (device.provider) {
    case "cpu":
      return HostTrainer.open(settings);
    case "webgpu":
      return ResidentTrainer.open(settings);
    case "cuda":
      return Promise.resolve(new LoopTrainer(settings));
  }
}
