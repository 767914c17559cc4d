/** Who may import whom (docs/architecture.md): every source file's imports against the table below. */
import { glob, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** For what composes workers. */
const everyWorkersRoom = [
  ...below("workers/node"),
  "workers/node",
  "workers/miner",
  "workers/validator",
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
  "workers/cli": [
    ...below("workers/node"),
    "workers/node",
    "workers/miner",
    "workers/validator",
    "workers/telemetry",
  ],
  "lab/adversaries": [...below("workers/node"), "workers/node", "workers/miner", "workers/cli"],
  lab: [...everyWorkersRoom, "lab/adversaries", "scripts", "ignition"],
  ignition: ["workers/protocol"],
  scripts: [...everyWorkersRoom, "lab/adversaries", "ignition", "."],
  tools: ["workers/protocol", "workers/codec", "workers/model", "test", "."],
  test: [],
  bench: [...everyWorkersRoom, "lab", "lab/adversaries", "scripts", "test"],
};

/** Packages with I/O or native code, and the only rooms that may use them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-node": ["workers/onnx", "workers/model", "workers/training", "bench"],
  hardhat: ["scripts", "ignition", "lab", "tools", "bench", "."],
  pino: ["workers/runtime"],
  "prom-client": ["workers/telemetry"],
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
  for await (const path of glob("{workers,lab,ignition,scripts,tools,bench}/**/*.ts")) {
    const source = await readFile(path, "utf8");
    const room = roomOf(path);
    for (const match of source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      const problem = problemOf(path, room, match[1]);
      if (problem !== undefined) violations.push(`${path}: ${room} → ${problem}`);
    }
  }
  return violations.sort();
}

function problemOf(path: string, room: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) {
    const target = roomOf(normalize(join(dirname(path), specifier)));
    return target === room || allowed[room]?.includes(target) ? undefined : target;
  }
  if (specifier.startsWith("node:")) {
    return pureRooms.includes(room) && !pureModules.includes(specifier) ? specifier : undefined;
  }
  const name = Object.keys(packages).find((key) => specifier === key || specifier.startsWith(`${key}/`));
  return name === undefined || packages[name].includes(room) ? undefined : specifier;
}
