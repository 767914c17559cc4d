import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError } from "../../../workers/codec/errors.ts";
import { decodeUpdate } from "../../../workers/codec/update.ts";
import { composeUpdate } from "../../../workers/node/composeUpdate.ts";
import { workerStateRoot, zeroWorkerState } from "../../../workers/training/workerState.ts";
import { scriptedRun, valuesOf } from "../../support/scriptedRun.ts";
import { tinyGenesis } from "../../support/tinyRun.ts";

test("composeUpdate, an offer: what decoders see plus the error feedback is the offer, to the bit", async (t) => {
  const { run, root } = await scriptedRun(t);
  const before = zeroWorkerState(run.specs);
  const values = valuesOf(run, 3);
  const offered = values.map((tensor) => tensor.slice());
  const moments = { ...before.moments, steps: 8 };
  const state = { round: 4, theta: tinyGenesis, root };
  const composed = composeUpdate(run, 7n, state, before, { values, moments });

  const { chunk, topK } = run.manifest.compression;
  const settings = { specs: run.specs, chunk, topK, maxBytes: run.manifest.limits.maxUpdateBytes };
  const { header, tensors } = decodeUpdate(composed.bytes, settings);
  assert.deepEqual(values, offered, "the offer is left as it was");
  let sent = 0;
  for (const [index, { positions, values: decoded }] of tensors.entries()) {
    const expected = offered[index].slice();
    for (const [k, position] of positions.entries())
      expected[position] = Math.fround(expected[position] - decoded[k]);
    assert.deepEqual(composed.after.errorFeedback[index], expected, run.specs[index].name);
    sent += positions.length;
  }
  assert.ok(sent > 0);
  assert.deepEqual(composed.after.moments, moments);
  assert.equal(composed.afterRoot, workerStateRoot(run.specs, composed.after));
  assert.deepEqual(header, {
    manifestHash: run.manifestHash,
    round: 4,
    neuronId: 7n,
    parentRoot: root,
    stateBefore: workerStateRoot(run.specs, before),
    stateAfter: composed.afterRoot,
  });
});

test("composeUpdate, values that are not finite, a CodecError", async (t) => {
  const { run, root } = await scriptedRun(t);
  const before = zeroWorkerState(run.specs);
  const values = valuesOf(run, 3);
  values[0][5] = Number.NaN;
  const state = { round: 0, theta: tinyGenesis, root };
  const offer = { values, moments: before.moments };
  assert.throws(() => composeUpdate(run, 7n, state, before, offer), CodecError);
});
