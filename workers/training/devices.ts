import { fork } from "node:child_process";
import type { Provider } from "../onnx/profiles.ts";
import { FatalError } from "../protocol/errors.ts";
import type { Device } from "./device.ts";
import { toleratedError } from "./deviceCheck.ts";

/** What `--device` takes. */
export const deviceChoices = ["auto", "cpu", "cuda", "webgpu"] as const;
export type DeviceChoice = (typeof deviceChoices)[number];

/** What a device is asked in the check. */
export interface DeviceQuestion {
  readonly device: Device;
  /** Tokens of a step. */
  readonly rows: number;
  readonly dim: number;
  readonly threads: number;
}

/** `error` null: not a number. */
export type DeviceAnswer =
  | { readonly error: number | null; readonly rate: number }
  | { readonly problem: string };

/** Asks one device. Injected, so that tests can have devices that are wrong, slow or not there. */
export type AskDevice = (question: DeviceQuestion, signal: AbortSignal) => Promise<DeviceAnswer>;

/** How one device did. */
export interface DeviceReport {
  readonly provider: Provider;
  /** Passed: the gradients are the CPU's within `toleratedError`. */
  readonly passed: boolean;
  /** Floating-point operations a second in products of the model's size; 0 where it did not pass. */
  readonly rate: number;
  /** One line for people. */
  readonly finding: string;
}

export interface ChosenDevice {
  readonly device: Device;
  /** One line: which and why. */
  readonly reason: string;
  readonly reports: readonly DeviceReport[];
}

const refusedHints: Readonly<Record<Provider, string>> = {
  cpu: "onnxruntime does not work on this machine: run npm ci again, see what else takes its memory, run npm run doctor.",
  cuda: "See docs/operators/devices.md for the CUDA libraries, run npm run doctor, or use --device auto.",
  webgpu: "Install a Vulkan, Metal or Direct3D 12 driver, run npm run doctor, or use --device auto.",
};

/**
 * The device asked for by name is not there or computes wrong gradients, or of `auto` not even the CPU passes; `data.finding` says
 * why.
 */
export class DeviceRefusedError extends FatalError {
  constructor({ provider, finding }: DeviceReport) {
    super("DEVICE_REFUSED", `--device ${provider} cannot be used: ${finding}`, {
      data: { provider, finding },
      hint: refusedHints[provider],
    });
  }
}

/**
 * The device to train on. `auto` takes the fastest at this model's size of those whose gradients equal the CPU's; one that
 * is named is taken if it passes.
 * @throws DeviceRefusedError
 */
export async function chooseDevice(
  choice: DeviceChoice,
  model: Omit<DeviceQuestion, "device">,
  ask: AskDevice,
  signal: AbortSignal,
): Promise<ChosenDevice> {
  if (choice === "cpu") return { device: { provider: "cpu" }, reason: "cpu, as asked for", reports: [] };
  const report = (provider: Provider) => reportOn(provider, model, ask, signal);
  if (choice !== "auto") {
    const found = await report(choice);
    if (!found.passed) throw new DeviceRefusedError(found);
    return {
      device: { provider: choice },
      reason: `${choice}, as asked for: ${found.finding}`,
      reports: [found],
    };
  }
  return fastestOf(await checkDevices(model, ask, signal));
}

/** How every device does. One after the other: they would disturb each other's timing. */
export async function checkDevices(
  model: Omit<DeviceQuestion, "device">,
  ask: AskDevice,
  signal: AbortSignal,
): Promise<DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const provider of ["cpu", "cuda", "webgpu"] as const)
    reports.push(await reportOn(provider, model, ask, signal));
  return reports;
}

/**
 * What `auto` takes of the devices checked, the CPU first: the fastest that passed.
 * @throws DeviceRefusedError with the CPU's finding when none passed: nothing is trained on a CPU that failed
 */
export function fastestOf(reports: readonly DeviceReport[]): ChosenDevice {
  const [cpu] = reports;
  const best = reports.reduce((fastest, one) => (one.passed && one.rate > fastest.rate ? one : fastest), cpu);
  if (!best.passed) throw new DeviceRefusedError(cpu);
  const others = reports
    .filter((one) => one !== best)
    .map(({ provider, finding }) => `${provider}: ${finding}`);
  const reason = `${best.provider}, ${best.finding} (${others.join("; ")})`;
  return { device: { provider: best.provider }, reason, reports };
}

async function reportOn(
  provider: Provider,
  model: Omit<DeviceQuestion, "device">,
  ask: AskDevice,
  signal: AbortSignal,
): Promise<DeviceReport> {
  const answer = await ask({ ...model, device: { provider } }, signal);
  if ("problem" in answer) return { provider, passed: false, rate: 0, finding: shortened(answer.problem) };
  const { error, rate } = answer;
  const tolerated = toleratedError({ provider });
  const speed = `${(rate / 1e9).toPrecision(3)} GFLOP/s at this model's size`;
  if (error !== null && error <= tolerated) {
    const finding =
      provider === "cpu" ? speed : `${speed}, gradients within ${error.toExponential(1)} of the CPU's`;
    return { provider, passed: true, rate, finding };
  }
  const off = error === null ? "are not numbers" : `differ from the CPU's by ${error.toExponential(1)}`;
  return { provider, passed: false, rate: 0, finding: `its gradients ${off}, tolerated is ${tolerated}` };
}

/** What onnxruntime says went wrong, without the place in its source and the condition that failed there. */
function shortened(problem: string): string {
  return problem.replace(/^\/\S+:\d+ .* was false\. /, "");
}

/** Longest that a check may take, milliseconds: drivers compile shaders on their first use. */
const CHECK_MS = 120_000;

/** Asks in a process of its own. What native code prints there is not shown; its last line is the reason of a crash. */
export const askInProcess: AskDevice = (question, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const entry = new URL("./deviceCheckProcess.ts", import.meta.url);
    const child = fork(entry, [JSON.stringify(question)], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      signal,
      timeout: CHECK_MS,
    });
    let answer: DeviceAnswer | undefined;
    let printed = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-2000);
    });
    child.on("message", (message: DeviceAnswer) => {
      answer = message;
    });
    child.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    child.on("close", (code, killed) => {
      const last = printed.trim().split("\n").at(-1) ?? "";
      const how = killed === null ? `exit code ${code}` : `signal ${killed}`;
      resolve(answer ?? { problem: `the check ended with ${how}${last === "" ? "" : `: ${last}`}` });
    });
  });
