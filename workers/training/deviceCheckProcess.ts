/**
 * Checks one device in a process of its own, which a broken driver may take down: `node deviceCheckProcess.ts JSON`.
 * The answer goes to the parent as a message.
 */
import { gradientError, productRate } from "./deviceCheck.ts";
import type { DeviceAnswer, DeviceQuestion } from "./devices.ts";

const question: DeviceQuestion = JSON.parse(process.argv[2]);

async function answer(): Promise<DeviceAnswer> {
  try {
    const error = await gradientError(question.device);
    const rate = await productRate(question.device, question, () => Number(process.hrtime.bigint()) / 1e6);
    return { error: Number.isFinite(error) ? error : null, rate };
  } catch (cause) {
    return { problem: cause instanceof Error ? cause.message.split("\n")[0] : String(cause) };
  }
}

process.send?.(await answer(), () => process.disconnect());
