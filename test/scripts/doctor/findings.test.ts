import assert from "node:assert/strict";
import { test } from "node:test";
import { type Examined, examine, type Finding } from "../../../scripts/doctor/findings.ts";

const reports = [
  { provider: "cpu", passed: true, rate: 1e11, finding: "100 GFLOP/s" },
  { provider: "cuda", passed: false, rate: 0, finding: "no library" },
  { provider: "webgpu", passed: false, rate: 0, finding: "no adapter" },
] as const;
const healthy: Examined = {
  node: "24.0.0",
  cores: 8,
  memoryBytes: 16e9,
  onnxruntime: "1.30.0",
  reports,
  cuda: { folder: "bin", missingProvider: ["provider.so"], missingRuntime: ["libcudart.so.13"] },
};

function found(examined: Examined, what: string): Finding {
  const finding = examine(examined).find((one) => one.what === what);
  assert.ok(finding !== undefined, what);
  return finding;
}

test("examine, a machine without a GPU, notes what is missing and fails nothing", () => {
  const states = examine(healthy).map(({ what, state }) => [what, state]);
  assert.deepEqual(states, [
    ["Node", "good"],
    ["cores", "good"],
    ["memory", "good"],
    ["onnxruntime", "good"],
    ["cpu", "good"],
    ["cuda", "note"],
    ["webgpu", "note"],
    ["--device auto", "good"],
  ]);
  const { advice } = found(healthy, "cuda");
  assert.ok(advice?.includes("provider.so") && advice.includes("libcudart.so.13"), advice);
});

test("examine, limits, fail below and pass at them", () => {
  assert.equal(found({ ...healthy, node: "23.9.9" }, "Node").state, "bad");
  assert.equal(found({ ...healthy, memoryBytes: 3e9 - 1 }, "memory").state, "bad");
  assert.equal(found({ ...healthy, memoryBytes: 3e9 }, "memory").state, "good");
});

test("examine, a CPU that fails its check, is a failure", () => {
  const broken = [{ ...reports[0], passed: false }, reports[1], reports[2]];
  const examined = { ...healthy, reports: broken };
  assert.equal(found(examined, "cpu").state, "bad");
  assert.equal(found(examined, "--device auto").state, "bad");
});
