/** Who may import whom (docs/architecture.md): every source file's imports against the table below. */
import { glob, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** For what composes workers. */
const everyWorkersRoom = [
  ...below("workers/node"),
  "workers/node",
  "workers/miner",
  "workers/validator",
  "workers/projector",
  "workers/cli",
];

/** Room → rooms it may import besides itself. A room is the longest prefix of a file's path that is a key here. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "workers/protocol": [],
  "workers/codec": ["workers/protocol"],
  "workers/onnx": ["workers/protocol"],
  "workers/storage": ["workers/protocol", "workers/runtime"],
  "workers/runtime": ["workers/protocol"],
  "workers/chain": ["workers/protocol", "workers/runtime"],
  "workers/database": ["workers/protocol", "workers/runtime"],
  "workers/model": ["workers/onnx", "workers/protocol"],
  "workers/data": ["workers/storage", "workers/protocol"],
  "workers/training": [
    "workers/model",
    "workers/onnx",
    "workers/codec",
    "workers/storage",
    "workers/protocol",
  ],
  "workers/evaluation": ["workers/training", "workers/model", "workers/codec", "workers/protocol"],
  "workers/telemetry": ["workers/protocol", "workers/runtime"],
  "workers/node": below("workers/node"),
  "workers/miner": [...below("workers/node"), "workers/node"],
  "workers/validator": [...below("workers/node"), "workers/node"],
  "workers/projector": [...below("workers/node"), "workers/node", "workers/validator", "workers/telemetry"],
  "workers/cli": [
    ...below("workers/node"),
    "workers/node",
    "workers/miner",
    "workers/validator",
    "workers/projector",
    "workers/telemetry",
  ],
  "lab/adversaries": [...below("workers/node"), "workers/node", "workers/miner", "workers/cli"],
  lab: [...everyWorkersRoom, "lab/adversaries", "scripts", "ignition"],
  sim: [...everyWorkersRoom, "lab", "scripts"],
  ignition: ["workers/protocol"],
  dashboard: ["workers/projector", "workers/chain/generated", "workers/protocol"],
  scripts: [...everyWorkersRoom, "lab/adversaries", "ignition", "."],
  tools: ["workers/protocol", "workers/codec", "workers/model", "test", "."],
  test: [],
  bench: [...everyWorkersRoom, "lab", "lab/adversaries", "scripts", "test"],
};

/** Of these rooms a room may import types alone. */
const typesOnly: Readonly<Record<string, readonly string[]>> = { dashboard: ["workers/projector"] };

/** Packages with I/O or native code, and the only rooms that may use them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-node": ["workers/onnx", "workers/model", "workers/training", "bench"],
  hardhat: ["scripts", "ignition", "lab", "sim", "tools", "bench", "."],
  pino: ["workers/runtime"],
  "prom-client": ["workers/telemetry"],
  hono: ["workers/projector"],
  "@hono/node-server": ["workers/projector"],
  svelte: ["dashboard"],
  uplot: ["dashboard"],
};

/** `protocol` and `codec` are pure: of Node's modules they may use the cryptographic ones alone. */
const pureRooms = ["workers/protocol", "workers/codec"];
const pureModules = ["node:crypto", "node:buffer"];

function below(room: string): readonly string[] {
  const names = ["protocol", "codec", "onnx", "model", "data", "training", "chain", "storage", "evaluation"];
  return [...names, "database", "runtime"].map((name) => `workers/${name}`).filter((name) => name !== room);
}

function roomOf(path: string): string {
  const rooms = Object.keys(allowed).filter((room) => path === room || path.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? ".";
}

/** Imports that break the table, one line each: `file: room → what`. Empty when all is well. */
export async function checkImports(): Promise<string[]> {
  const violations: string[] = [];
  for await (const path of glob(
    "{workers,lab,sim,ignition,scripts,tools,bench,dashboard}/**/*.{ts,svelte}",
  )) {
    violations.push(...importProblems(path, await readFile(path, "utf8")));
  }
  return violations.sort();
}

/** The same of one file's text. */
export function importProblems(path: string, source: string): string[] {
  const room = roomOf(path);
  const imports = source.matchAll(/(import\s+type\b[^;"]*)?(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...imports].flatMap(([, ofTypes, specifier]) => {
    const problem = problemOf(path, room, specifier, ofTypes !== undefined);
    return problem === undefined ? [] : [`${path}: ${room} → ${problem}`];
  });
}

function problemOf(path: string, room: string, specifier: string, ofTypes: boolean): string | undefined {
  if (specifier.startsWith(".")) {
    const file = normalize(join(dirname(path), specifier));
    const target = roomOf(file);
    const within = (rooms: readonly string[] = []) => rooms.find((each) => file.startsWith(`${each}/`));
    const types = within(typesOnly[room]);
    if (types !== undefined && !ofTypes) return `${types} (types alone)`;
    const may = target === room || allowed[room]?.includes(target) || within(allowed[room]) !== undefined;
    return may ? undefined : target;
  }
  if (specifier.startsWith("node:")) {
    return pureRooms.includes(room) && !pureModules.includes(specifier) ? specifier : undefined;
  }
  const name = Object.keys(packages).find((key) => specifier === key || specifier.startsWith(`${key}/`));
  return name === undefined || packages[name].includes(room) ? undefined : specifier;
}
