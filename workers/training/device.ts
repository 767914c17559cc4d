import type { ProfileOptions, Provider } from "../onnx/profiles.ts";

/** Where an engine trains and evaluates. */
export interface Device extends Pick<ProfileOptions, "halfProducts"> {
  readonly provider: Provider;
}

export const cpuDevice: Device = { provider: "cpu" };
