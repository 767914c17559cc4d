import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultRunSettings } from "../../../workers/model/defaults.ts";
import { initialState } from "../../../workers/model/initialState.ts";
import { parameterLayout } from "../../../workers/model/layout.ts";
import { checkManifest } from "../../../workers/protocol/manifest.ts";
import { parameterCount, sizeOf } from "../../../workers/protocol/tensors.ts";
import { learningRateAt } from "../../../workers/training/schedule.ts";
import { tinyModel } from "../../support/tinyModel.ts";

test("parameterLayout, tied, has nine tensors a layer between embedding and final norm", () => {
  const names = parameterLayout(tinyModel).map(({ name }) => name);
  assert.equal(names.length, 2 + 9 * tinyModel.layers);
  assert.equal(names[0], "model.embed_tokens.weight");
  assert.equal(names.at(-1), "model.norm.weight");
  assert.equal(new Set(names).size, names.length);
});

test("parameterLayout, untied, ends with the output projection", () => {
  const last = parameterLayout({ ...tinyModel, tied: false }).at(-1);
  assert.deepEqual(last, { name: "lm_head.weight", shape: [256, 16], role: "matrix" });
});

test("parameterLayout, fewer key heads, makes keys and values narrower", () => {
  const shapes = new Map(parameterLayout(tinyModel).map(({ name, shape }) => [name, shape]));
  assert.deepEqual(shapes.get("model.layers.1.self_attn.q_proj.weight"), [16, 16]);
  assert.deepEqual(shapes.get("model.layers.1.self_attn.k_proj.weight"), [8, 16]);
});

test("initialState, one seed, comes out the same; another differs", () => {
  const start = (seed: number) => initialState(tinyModel, seed)[0].slice(0, 8);
  assert.deepEqual(start(5), start(5));
  assert.notDeepEqual(start(5), start(6));
});

test("initialState, each role, has the deviation of its kind", () => {
  const theta = initialState(tinyModel, 5);
  for (const [index, spec] of parameterLayout(tinyModel).entries()) {
    assert.equal(theta[index].length, sizeOf(spec), spec.name);
    if (spec.role === "norm") {
      assert.ok(
        theta[index].every((value) => value === 1),
        spec.name,
      );
      continue;
    }
    const square = theta[index].reduce((sum, value) => sum + value * value, 0) / theta[index].length;
    const expected = spec.role === "residual" ? 0.02 / Math.sqrt(2 * tinyModel.layers) : 0.02;
    assert.ok(Math.abs(Math.sqrt(square) / expected - 1) < 0.2, spec.name);
  }
});

for (const rounds of [0, 1, 20, 500]) {
  test(`defaultRunSettings, ${rounds} rounds, makes a valid manifest`, () => {
    const settings = defaultRunSettings(rounds);
    const content = { cid: `b${"a".repeat(58)}`, size: 1 };
    const manifest = checkManifest({
      version: 1,
      name: "test",
      tokenizer: { kind: "bytes" },
      dataset: content,
      genesisState: { ...content, root: `0x${"00".repeat(32)}` },
      ...settings,
    });
    assert.ok(parameterCount(parameterLayout(manifest.model)) >= 250_000);
    assert.ok(learningRateAt(0, manifest.training) > 0);
  });
}
