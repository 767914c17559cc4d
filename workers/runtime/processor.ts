import { cpus } from "node:os";

/** Model of this machine's processor, at most 128 characters. */
export function processorModel(): string {
  return (cpus()[0]?.model ?? "unknown").trim().slice(0, 128);
}
