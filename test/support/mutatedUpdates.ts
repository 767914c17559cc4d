import { PRIORS } from "../../workers/codec/contexts.ts";
import { CodecError } from "../../workers/codec/errors.ts";
import { RangeDecoder, type SymbolCoder } from "../../workers/codec/rangeCoder.ts";
import { extentOf } from "../../workers/codec/settings.ts";
import { codeTensor, emptySymbols } from "../../workers/codec/tensorCode.ts";
import { type DecodeOptions, readFrame } from "../../workers/codec/update.ts";

/** Where an update states its own length, and where its tensors' lengths and payloads begin. */
const LENGTH_AT = 149;
const BODY_AT = 153;

/** An update with bits flipped, bytes replaced, inserted, removed, moved or cut; its stated length corrected mostly. */
export function mutate(valid: Uint8Array, random: () => number): Uint8Array {
  const whole = random() < 0.1;
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes = Uint8Array.from(valid);
  for (let left = 1 + below(4); left > 0; left--) {
    const first = whole ? 0 : Math.min(BODY_AT, bytes.length);
    const at = first + below(Math.max(bytes.length - first, 1));
    const end = Math.min(at + 1 + below(8), bytes.length);
    const kind = below(6);
    if (kind === 0 && at < bytes.length) bytes[at] ^= 1 << below(8);
    else if (kind === 1) bytes.fill(below(256), at, end);
    else if (kind === 2) bytes = joined(bytes.subarray(0, at), [below(256)], bytes.subarray(at));
    else if (kind === 3) bytes = joined(bytes.subarray(0, at), bytes.subarray(end));
    else if (kind === 4) bytes.copyWithin(at, first + below(Math.max(bytes.length - first, 1)));
    else bytes = bytes.slice(0, random() < 0.2 ? at : bytes.length);
  }
  if (bytes.length >= BODY_AT && random() < 0.9) {
    new DataView(bytes.buffer).setUint32(LENGTH_AT, bytes.length, true);
  }
  return bytes;
}

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

/** Symbols a decoder reads before it is done or refuses: its time, without a clock. */
export function symbolsRead(bytes: Uint8Array, options: DecodeOptions): number {
  const counter = { symbols: 0 };
  try {
    for (const [index, payload] of readFrame(bytes, options).payloads.entries()) {
      const extent = extentOf(options.specs[index]);
      const coder = counting(new RangeDecoder(PRIORS, payload), counter);
      codeTensor(coder, extent, options, emptySymbols(extent.size, options));
    }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
  return counter.symbols;
}

function counting(coder: SymbolCoder, counter: { symbols: number }): SymbolCoder {
  return {
    decoding: coder.decoding,
    bit(context, value) {
      counter.symbols += 1;
      return coder.bit(context, value);
    },
    uniform(total, value) {
      counter.symbols += 1;
      return coder.uniform(total, value);
    },
  };
}
