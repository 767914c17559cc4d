/** solc from npm, kept warm in this process. */
import { existsSync, readFileSync } from "node:fs";
import solc from "solc";
import type { AstNode } from "./ast.ts";

/** Texts by path from the repository's root, or as imported where a package is. */
export type Sources = Readonly<Record<string, string>>;

/** Of solc's settings what this project sets. */
export interface CompilerSettings {
  readonly evmVersion?: string;
  readonly optimizer?: object;
  readonly viaIR?: boolean;
}

/** A contract with code. */
export interface Artifact {
  readonly source: string;
  readonly name: string;
  readonly abi: readonly { readonly type: string; readonly name?: string }[];
  readonly bytecode: string;
  readonly deployedBytecode: string;
}

export class CompileError extends Error {}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly sources: Readonly<Record<string, { readonly ast: AstNode }>>;
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, OutputContract>>>>;
}

interface OutputContract {
  readonly abi: Artifact["abi"];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
  };
}

/** Syntax trees of `entries` and of all they import, read from disk, with their texts. */
export function readProject(entries: readonly string[]): { sources: Sources; trees: Map<string, AstNode> } {
  const sources: Record<string, string> = {};
  const find = (path: string) => {
    const file = existsSync(path) ? path : `node_modules/${path}`;
    if (!existsSync(file)) return { error: `${path} does not exist` };
    sources[path] = readFileSync(file, "utf8");
    return { contents: sources[path] };
  };
  for (const path of entries) find(path);
  const trees = parse(sources, find);
  return { sources, trees };
}

/** Syntax trees of `sources`; `find` gives what they import besides. */
export function parse(sources: Sources, find?: (path: string) => object): Map<string, AstNode> {
  const output = run(sources, {}, { "*": { "": ["ast"] } }, find);
  return new Map(Object.entries(output.sources).map(([path, { ast }]) => [path, ast]));
}

/**
 * All contracts of `files` that have code, without metadata, so that the same code is the same bytes. Throws
 * `CompileError`.
 */
export function compile(sources: Sources, files: readonly string[], settings: CompilerSettings): Artifact[] {
  if (files.length === 0) return [];
  const wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"];
  const selection = Object.fromEntries(files.map((path) => [path, { "*": wanted }]));
  const metadata = { bytecodeHash: "none", appendCBOR: false };
  const output = run(sources, { ...settings, metadata }, selection);
  return files.flatMap((source) =>
    Object.entries(output.contracts?.[source] ?? {})
      .filter(([, { evm }]) => evm.bytecode.object !== "")
      .map(([name, { abi, evm }]) => ({
        source,
        name,
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
      })),
  );
}

function run(
  sources: Sources,
  settings: object,
  outputSelection: object,
  find?: (path: string) => object,
): Output {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
    settings: { ...settings, outputSelection },
  };
  const callbacks = find === undefined ? undefined : { import: find };
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input), callbacks));
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error !== undefined) throw new CompileError(error.formattedMessage);
  return output;
}
