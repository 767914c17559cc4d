import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatNeuronState,
  newNeuronState,
  parseNeuronState,
} from "../../../workers/evaluation/neuronState.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { settings, simulate } from "./quadraticRun.ts";

test("parseNeuronState, a stored state: the same to the last bit", async () => {
  const miners = [1n, 2n].map((neuronId, uid) => ({ neuronId, uid, behaviour: "honest" as const }));
  const last = (await simulate(miners, 4, 3)).at(-1);
  assert.ok(last !== undefined);
  for (const state of last.states.values())
    assert.deepEqual(parseNeuronState(formatNeuronState(state)), state);
});

test("parseNeuronState, damaged text: a fatal error", () => {
  const good = formatNeuronState(newNeuronState(1n, settings.rating));
  const bad = [
    "",
    "{}",
    good.slice(1),
    good.replace('"standing":1', '"standing":2'),
    good.replace('"recent":[]', '"recent":0'),
  ];
  for (const text of bad) {
    assert.throws(
      () => parseNeuronState(text),
      (error) => error instanceof FatalError && error.code === "EVALUATION_STATE_CORRUPT",
      text,
    );
  }
});
