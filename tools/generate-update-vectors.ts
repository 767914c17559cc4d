/**
 * Writes test/vectors/update-format.json: `node tools/generate-update-vectors.ts`. A diff of that file means that the
 * format changed, and needs a new version number.
 */
import { writeFileSync } from "node:fs";
import { heavyTailed, SAMPLE_HEADER } from "../test/support/pseudoGradients.ts";
import { decodeUpdate, encodeUpdate } from "../workers/codec/update.ts";

const FILE = new URL("../test/vectors/update-format.json", import.meta.url);

interface Case {
  name: string;
  topK: number;
  chunk: number;
  dense: Float32Array[];
  /** Of the tensors; vectors unless given. */
  shapes?: number[][];
}

const cases: Case[] = [
  { name: "no tensors", topK: 64, chunk: 4096, dense: [] },
  { name: "one value", topK: 64, chunk: 4096, dense: [Float32Array.of(-0.75)] },
  { name: "zeros", topK: 4, chunk: 16, dense: [new Float32Array(40)] },
  { name: "fewer values than the quota", topK: 4, chunk: 16, dense: [sparse(48, { 3: 1, 20: -2, 21: 0.5 })] },
  { name: "everything kept", topK: 8, chunk: 8, dense: [heavyTailed(20, 1)] },
  {
    name: "two levels",
    topK: 16,
    chunk: 64,
    dense: [heavyTailed(128, 2).map((x, i) => Math.sign(x) * (i % 5 ? 1 : 2))],
  },
  {
    name: "ends of the scale",
    topK: 2,
    chunk: 8,
    dense: [sparse(24, { 1: 2 ** -126, 9: 3e38, 10: 3e38, 17: 1e-40 })],
  },
  {
    name: "small tensors at the default density",
    topK: 64,
    chunk: 4096,
    dense: [96, 1, 200, 640].map((size, seed) => heavyTailed(size, seed)),
  },
  { name: "a chunk and a half at the default density", topK: 64, chunk: 4096, dense: [heavyTailed(6000, 9)] },
  {
    name: "rows with common columns",
    topK: 8,
    chunk: 64,
    shapes: [
      [24, 16],
      [20, 7],
      [2, 100],
    ],
    dense: [columned(384, 16, 4), columned(140, 7, 2), columned(200, 100, 11)],
  },
];

/** Values of which every so many-th is large, and mostly negative. */
function columned(size: number, width: number, column: number): Float32Array {
  return heavyTailed(size, width).map((value, at) => {
    if (at % width !== column) return value;
    return at % 5 === 0 ? 4e-3 : -4e-3;
  });
}

function sparse(size: number, entries: Record<number, number>): Float32Array {
  const values = new Float32Array(size);
  for (const [position, value] of Object.entries(entries)) values[Number(position)] = value;
  return values;
}

/** fp32 values as big-endian hex words, so that the file is exact. */
function words(values: Float32Array): string {
  return Array.from(new Uint32Array(values.buffer, 0, values.length), (word) =>
    word.toString(16).padStart(8, "0"),
  ).join("");
}

const header = { ...SAMPLE_HEADER, neuronId: SAMPLE_HEADER.neuronId.toString() };

const vectors = cases.map(({ name, topK, chunk, dense, shapes = dense.map(({ length }) => [length]) }) => {
  const specs = shapes.map((shape, index) => ({ name: `t${index}`, shape }));
  const { bytes } = encodeUpdate(SAMPLE_HEADER, specs, dense, { topK, chunk });
  const { tensors } = decodeUpdate(bytes, { specs, topK, chunk, maxBytes: bytes.length });
  return {
    name,
    topK,
    chunk,
    shapes,
    dense: dense.map(words),
    update: Buffer.from(bytes).toString("hex"),
    tensors: tensors.map(({ positions, values }) => ({ positions: [...positions], values: words(values) })),
  };
});

const text = `{"header": ${JSON.stringify(header)},\n"cases": [\n${vectors.map((each) => JSON.stringify(each)).join(",\n")}\n]}\n`;
writeFileSync(FILE, text);
console.log(`${vectors.length} cases, ${text.length} bytes`);
