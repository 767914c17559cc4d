import assert from "node:assert/strict";
import { test } from "node:test";
import type { Provider } from "../../../workers/onnx/profiles.ts";
import { gradientError, productRate } from "../../../workers/training/deviceCheck.ts";
import {
  type AskDevice,
  askInProcess,
  chooseDevice,
  type DeviceAnswer,
  DeviceRefusedError,
} from "../../../workers/training/devices.ts";

const model = { rows: 64, dim: 32, threads: 1 };
const { signal } = new AbortController();
const right = (rate: number): DeviceAnswer => ({ error: 1e-6, rate });

function answering(answers: Readonly<Record<Provider, DeviceAnswer>>): AskDevice {
  return ({ device }) => Promise.resolve(answers[device.provider]);
}

test("chooseDevice, auto, takes the fastest of those that compute right gradients", async () => {
  const problem = { problem: "no such library" };
  const cases: readonly (readonly [Readonly<Record<Provider, DeviceAnswer>>, Provider])[] = [
    [{ cpu: right(1e10), cuda: right(1e13), webgpu: right(1e12) }, "cuda"],
    [{ cpu: right(1e10), cuda: problem, webgpu: right(1e12) }, "webgpu"],
    [{ cpu: right(1e10), cuda: problem, webgpu: right(1e9) }, "cpu"],
    [{ cpu: right(1e10), cuda: { error: 0.5, rate: 1e13 }, webgpu: { error: null, rate: 1e13 } }, "cpu"],
    [{ cpu: right(1e10), cuda: problem, webgpu: problem }, "cpu"],
  ];
  for (const [index, [answers, expected]] of cases.entries()) {
    const { device, reason, reports } = await chooseDevice("auto", model, answering(answers), signal);
    assert.equal(device.provider, expected, `case ${index}`);
    assert.ok(reason.startsWith(expected), reason);
    assert.equal(reports.length, 3);
  }
});

test("chooseDevice, auto where the CPU failed its check: a GPU that passed, or refused with the CPU's reason", async () => {
  const failed = { problem: "no such library" };
  const gpu = { cpu: failed, cuda: failed, webgpu: right(1e12) };
  assert.equal((await chooseDevice("auto", model, answering(gpu), signal)).device.provider, "webgpu");
  for (const cpu of [{ problem: "illegal instruction" }, { error: 0.1, rate: 1e10 }] as const) {
    const choice = chooseDevice("auto", model, answering({ cpu, cuda: failed, webgpu: failed }), signal);
    await assert.rejects(choice, (error) => {
      assert.ok(error instanceof DeviceRefusedError);
      assert.equal(error.data.provider, "cpu");
      if ("problem" in cpu) assert.equal(error.data.finding, cpu.problem);
      return true;
    });
  }
});

test("chooseDevice, a named device that is wrong or not there, is refused with the reason", async () => {
  const answers = { cpu: right(1), cuda: { problem: "no such library" }, webgpu: { error: 0.2, rate: 1e12 } };
  for (const provider of ["cuda", "webgpu"] as const)
    await assert.rejects(chooseDevice(provider, model, answering(answers), signal), (error) => {
      assert.ok(error instanceof DeviceRefusedError);
      assert.equal(error.code, "DEVICE_REFUSED");
      assert.equal(error.data.provider, provider);
      return true;
    });
});

test("chooseDevice, gradients on both sides of what is tolerated, passes the lower alone", async () => {
  for (const [error, passes] of [
    [1e-4, true],
    [1.01e-4, false],
  ] as const) {
    const answers = { cpu: right(1), cuda: right(1), webgpu: { error, rate: 1 } };
    const choice = chooseDevice("webgpu", model, answering(answers), signal);
    if (passes) assert.equal((await choice).device.provider, "webgpu");
    else await assert.rejects(choice, DeviceRefusedError);
  }
});

test("chooseDevice, cpu, is not checked", async () => {
  const nobody: AskDevice = () => Promise.reject(new Error("asked"));
  assert.equal((await chooseDevice("cpu", model, nobody, signal)).device.provider, "cpu");
});

test("gradientError and productRate, the CPU against itself, give 0 and a speed", async () => {
  assert.equal(await gradientError({ provider: "cpu" }), 0);
  let ticks = 0;
  const rate = await productRate({ provider: "cpu" }, model, () => ticks++);
  assert.equal(rate, (2 * 64 * 32 * 32 * 16) / 1e-3, "one tick, a millisecond, a run");
});

test("askInProcess, cpu, answers; a device without its library gives the problem", async () => {
  const answer = await askInProcess({ ...model, device: { provider: "cpu" } }, signal);
  assert.ok("rate" in answer && answer.error === 0 && answer.rate > 0);
  const reason = new Error("stop");
  await assert.rejects(
    async () => askInProcess({ ...model, device: { provider: "cpu" } }, AbortSignal.abort(reason)),
    (error) => error === reason,
  );
});
