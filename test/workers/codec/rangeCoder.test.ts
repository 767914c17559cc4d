import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError } from "../../../workers/codec/errors.ts";
import { priorsOf, RangeDecoder, RangeEncoder, type SymbolCoder } from "../../../workers/codec/rangeCoder.ts";

const PRIORS = priorsOf([32768, 60, 65500], [0, 500, 4]);

/** A symbol is a bit in a context, or one of `total`. */
type Symbol = { context: number; value: number } | { total: number; value: number };

const symbol: fc.Arbitrary<Symbol> = fc.oneof(
  fc.record({ context: fc.integer({ min: 0, max: 2 }), value: fc.integer({ min: 0, max: 1 }) }),
  fc
    .integer({ min: 1, max: 65_536 })
    .chain((total) =>
      fc.record({ total: fc.constant(total), value: fc.integer({ min: 0, max: total - 1 }) }),
    ),
);

function run(coder: SymbolCoder, symbols: readonly Symbol[]): number[] {
  return symbols.map((each) =>
    "total" in each ? coder.uniform(each.total, each.value) : coder.bit(each.context, each.value),
  );
}

function encode(symbols: readonly Symbol[]): Uint8Array {
  const encoder = new RangeEncoder(PRIORS);
  run(encoder, symbols);
  return encoder.finish();
}

/** Decodes symbols of the same kinds; undefined when the bytes are refused. */
function decode(bytes: Uint8Array, symbols: readonly Symbol[]): number[] | undefined {
  try {
    const decoder = new RangeDecoder(PRIORS, bytes);
    const values = run(decoder, symbols);
    decoder.finish();
    return values;
  } catch (error) {
    assert.ok(error instanceof CodecError && error.code === "CODEC_NOT_CANONICAL");
    return undefined;
  }
}

test("range coder, any symbols, come back", () => {
  fc.assert(
    fc.property(fc.array(symbol, { maxLength: 400 }), (symbols) => {
      assert.deepEqual(
        decode(encode(symbols), symbols),
        symbols.map(({ value }) => value),
      );
    }),
    { seed: 1, numRuns: 1500 },
  );
});

test("range coder, any bytes, are refused or exactly what their symbols encode to", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(symbol, { maxLength: 6 }), fc.uint8Array({ maxLength: 4 }), (kinds, bytes) => {
      const values = decode(bytes, kinds);
      if (values === undefined) return;
      accepted += 1;
      const symbols = kinds.map((kind, i) => ({ ...kind, value: values[i] }));
      assert.deepEqual(encode(symbols), bytes);
    }),
    { seed: 2, numRuns: 20_000 },
  );
  assert.ok(accepted > 100, `${accepted} accepted`);
});

test("range coder, every byte string up to two bytes, one per symbol sequence and no sequence twice", () => {
  const kinds: Symbol[] = [
    { total: 3, value: 0 },
    { context: 0, value: 0 },
    { total: 5, value: 0 },
    { context: 1, value: 0 },
  ];
  const seen = new Set<string>();
  for (let code = 0; code < 1 + 256 + 65_536; code++) {
    const bytes = code === 0 ? [] : code <= 256 ? [code - 1] : [(code - 257) >> 8, (code - 257) & 255];
    const values = decode(Uint8Array.from(bytes), kinds);
    if (values === undefined) continue;
    assert.ok(!seen.has(values.join()), `${values} twice`);
    seen.add(values.join());
  }
  assert.equal(seen.size, 3 * 2 * 5 * 2);
});

test("range coder, carries through bytes of 255, still come back", () => {
  for (let length = 1; length < 400; length++) {
    const symbols: Symbol[] = Array.from({ length }, () => ({ total: 65_535, value: 65_534 }));
    symbols.push({ context: 0, value: length & 1 });
    assert.deepEqual(
      decode(encode(symbols), symbols),
      symbols.map(({ value }) => value),
      `length ${length}`,
    );
  }
});
