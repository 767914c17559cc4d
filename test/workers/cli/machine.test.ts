import assert from "node:assert/strict";
import { test } from "node:test";
import { machineHash, machineOf } from "../../../workers/cli/machine.ts";
import { cpuDevice } from "../../../workers/training/device.ts";

test("machineHash: the same for equal machines, another for another engine or processor, none for a graphics card", () => {
  const machine = machineOf(cpuDevice);
  const hash = machineHash(machine);
  assert.match(hash ?? "", /^0x[0-9a-f]{64}$/);
  assert.equal(machineHash({ ...machine }), hash);
  assert.notEqual(machineHash({ ...machine, engine: "another" }), hash);
  assert.notEqual(machineHash({ ...machine, processor: "another" }), hash);
  assert.equal(machineHash({ ...machine, provider: "cuda" }), undefined);
});
