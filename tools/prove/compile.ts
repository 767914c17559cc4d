/** Compiles the proof harnesses in process, with the settings of a profile of `hardhat.config.ts`. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** A function of a harness: its parameters are the unknowns of the proof. */
export interface Lemma {
  readonly name: string;
  readonly selector: bigint;
  readonly parameters: readonly { readonly name: string; readonly bits: number }[];
}

export interface Harness {
  readonly name: string;
  readonly creationCode: string;
  readonly runtimeCode: Uint8Array;
  readonly abi: readonly AbiEntry[];
  readonly lemmas: ReadonlyMap<string, Lemma>;
}

export interface AbiEntry {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly internalType: string }[];
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, Contract>>>>;
}

interface Contract {
  readonly abi: readonly AbiEntry[];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
    readonly methodIdentifiers: Readonly<Record<string, string>>;
  };
}

const require = createRequire(import.meta.url);
const solc: {
  compile(input: string, options: { import(path: string): { contents: string } }): string;
  version(): string;
} = require("solc");

export const compilerVersion = (): string => solc.version();

/** The contracts of Solidity sources (path → text). Imports are read from the checkout and from installed packages. */
export function compile(
  sources: Readonly<Record<string, string>>,
  settings: object,
): ReadonlyMap<string, Harness> {
  const selection = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"];
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
    settings: { ...settings, outputSelection: { "*": { "*": selection } } },
  };
  const read = (path: string) => ({
    contents: readFileSync(path.startsWith("@") ? require.resolve(path) : path, "utf8"),
  });
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const harnesses = new Map<string, Harness>();
  for (const path of Object.keys(sources)) {
    for (const [name, contract] of Object.entries(output.contracts?.[path] ?? {}))
      harnesses.set(name, harness(name, contract));
  }
  return harnesses;
}

function harness(name: string, contract: Contract): Harness {
  const functions = contract.abi.filter((entry) => entry.type === "function");
  // What takes lists is a helper of a harness, no lemma.
  const ofWords = functions.filter((entry) =>
    entry.inputs.every((input) => bitsOf(input.type) !== undefined),
  );
  const lemmas = ofWords.map((entry): Lemma => {
    const signature = `${entry.name}(${entry.inputs.map((input) => input.type).join(",")})`;
    return {
      name: entry.name,
      selector: BigInt(`0x${contract.evm.methodIdentifiers[signature]}`),
      parameters: entry.inputs.map((input) => ({ name: input.name, bits: bitsOf(input.type) ?? 256 })),
    };
  });
  const runtimeCode = Buffer.from(contract.evm.deployedBytecode.object, "hex");
  const creationCode = contract.evm.bytecode.object;
  const byName = new Map(lemmas.map((lemma) => [lemma.name, lemma]));
  return { name, creationCode, runtimeCode, abi: contract.abi, lemmas: byName };
}

function bitsOf(type: string): number | undefined {
  const [, kind, digits] = /^([a-z]+)(\d*)$/.exec(type) ?? [];
  if (kind === "bool") return 1;
  if (kind === "uint") return Number(digits);
  return type === "bytes32" ? 256 : undefined;
}
