import { heavyTailedTensors, SAMPLE_HEADER } from "../../test/support/pseudoGradients.ts";
import { Selector } from "../../workers/codec/selection.ts";
import { type CodecSettings, quotaOf } from "../../workers/codec/settings.ts";
import type { SparseTensor } from "../../workers/codec/sparseTensor.ts";
import { encodeTensor } from "../../workers/codec/tensorPayload.ts";
import { decodeUpdate, encodeUpdate } from "../../workers/codec/update.ts";
import { parameterCount, type TensorSpec } from "../../workers/protocol/tensors.ts";

/** Sizes in bytes, speeds in GB of fp32 represented a second on one thread. */
export interface Result {
  model: string;
  parameters: number;
  topK: number;
  bytes: number;
  ratio: number;
  bitsPerValue: number;
  keptError: number;
  selectGBs: number;
  encodeGBs: number;
  decodeGBs: number;
}

export const DEFAULT: CodecSettings = { topK: 64, chunk: 4096 };
/** At least so many runs, and so many seconds: a small update is compiled and in the caches only then. */
const RUNS = 12;
const LEAST_SECONDS = 0.5;

/** Seconds of the fastest of several runs; where other work was on the machine, those that this process computed. */
export function bestSeconds(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  for (let runs = 0; runs < RUNS || performance.now() - begun < LEAST_SECONDS * 1000; runs++) {
    const start = performance.now();
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (performance.now() - start) / 1000, (user + system) / 1e6);
  }
  return best;
}

function selectAll(selector: Selector, dense: readonly Float32Array[], settings: CodecSettings): void {
  const positions = new Uint32Array(settings.topK);
  dense.forEach((values, index) => {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    selector.begin(`tensor ${index}`);
    for (let start = 0; start < values.length; start += settings.chunk) {
      const end = Math.min(start + settings.chunk, values.length);
      selector.select(bits, start, end, quotaOf(end - start, settings), positions, 0);
    }
  });
}

/** Hands out positions found before, so that coding is timed without selection. */
class RecordedSelection extends Selector {
  private readonly recorded: Uint32Array;
  private next = 0;

  constructor(chunk: number, { positions }: SparseTensor) {
    super(chunk);
    this.recorded = positions;
  }

  override begin(tensor: string): void {
    super.begin(tensor);
    this.next = 0;
  }

  override select(
    _bits: Uint32Array,
    _start: number,
    end: number,
    _quota: number,
    positions: Uint32Array,
    at: number,
  ): number {
    const first = this.next;
    while (this.next < this.recorded.length && this.recorded[this.next] < end) {
      positions[at + this.next - first] = this.recorded[this.next];
      this.next += 1;
    }
    return this.next - first;
  }
}

function codeAll(
  specs: readonly TensorSpec[],
  recorded: readonly RecordedSelection[],
  dense: readonly Float32Array[],
  settings: CodecSettings,
): void {
  dense.forEach((values, index) => {
    encodeTensor(specs[index], values, settings, recorded[index]);
  });
}

/** Squared error of the kept values, as a share of their squares. */
function keptError(dense: readonly Float32Array[], tensors: readonly SparseTensor[]): number {
  let error = 0;
  let energy = 0;
  tensors.forEach(({ positions, values }, tensor) => {
    for (let i = 0; i < positions.length; i++) {
      const exact = dense[tensor][positions[i]];
      error += (exact - values[i]) ** 2;
      energy += exact ** 2;
    }
  });
  return error / energy;
}

function applyTo(dense: readonly Float32Array[], tensors: readonly SparseTensor[]): void {
  tensors.forEach(({ positions, values }, tensor) => {
    const sums = dense[tensor];
    for (let i = 0; i < positions.length; i++) sums[positions[i]] += values[i];
  });
}

/** Size, error and speed of an update of these tensors; of synthetic values unless some are given. */
export function measure(
  model: string,
  specs: readonly TensorSpec[],
  settings: CodecSettings,
  dense: readonly Float32Array[] = heavyTailedTensors(specs, 1, 0.3),
): Result {
  const parameters = parameterCount(specs);
  const sums = dense.map((values) => values.slice());
  const { bytes, tensors } = encodeUpdate(SAMPLE_HEADER, specs, dense, settings);
  const options = { specs, ...settings, maxBytes: bytes.length };
  const selector = new Selector(settings.chunk);
  const selecting = bestSeconds(() => selectAll(selector, dense, settings));
  const recorded = tensors.map((tensor) => new RecordedSelection(settings.chunk, tensor));
  const encoding = bestSeconds(() => codeAll(specs, recorded, dense, settings));
  const decoding = bestSeconds(() => applyTo(sums, decodeUpdate(bytes, options).tensors));
  const kept = tensors.reduce((sum, { positions }) => sum + positions.length, 0);
  const gigabytes = (4 * parameters) / 1e9;
  return {
    model,
    parameters,
    topK: settings.topK,
    bytes: bytes.length,
    ratio: (4 * parameters) / bytes.length,
    bitsPerValue: (8 * bytes.length) / kept,
    keptError: keptError(dense, tensors),
    selectGBs: gigabytes / selecting,
    encodeGBs: gigabytes / encoding,
    decodeGBs: gigabytes / decoding,
  };
}
