/**
 * The compiler's command line as Slither's front end calls it (`--version`; FILE `--combined-json …`), on top of the npm
 * package's wasm compiler, so that nothing is downloaded. Paths in its output are absolute.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import hre from "hardhat";

interface Compiler {
  version(): string;
  compile(input: string, callbacks: { import(path: string): { contents?: string; error?: string } }): string;
}

const compiler: Compiler = createRequire(import.meta.url)("solc");
const root = fileURLToPath(new URL("../../", import.meta.url));
const outputs = ["abi", "evm.bytecode", "evm.deployedBytecode", "evm.methodIdentifiers", "userdoc", "devdoc"];

const pathOf = (name: string) => join(root, name.startsWith("@") ? "node_modules" : "", name);
const read = (name: string) => readFileSync(pathOf(name), "utf8");

function compile(file: string): string {
  const name = relative(root, resolve(file));
  const configured = hre.config.solidity.profiles.default.compilers[0].settings;
  const settings = { ...configured, outputSelection: { "*": { "": ["ast"], "*": outputs } } };
  const input = { language: "Solidity", sources: { [name]: { content: read(name) } }, settings };
  const found = JSON.parse(
    compiler.compile(JSON.stringify(input), {
      import(path) {
        try {
          return { contents: read(path) };
        } catch (error) {
          return { error: String(error) };
        }
      },
    }),
  );
  const errors = (found.errors ?? []).filter((error: { severity: string }) => error.severity === "error");
  if (errors.length > 0)
    throw new Error(errors.map((error: { message: string }) => error.message).join("\n"));
  return JSON.stringify(combined(found));
}

/** Standard JSON output in the older shape of `--combined-json`. */
// biome-ignore lint/suspicious/noExplicitAny: the compiler's output, passed on as it is
function combined(found: any) {
  const contracts: Record<string, unknown> = {};
  for (const [file, byName] of Object.entries<Record<string, never>>(found.contracts)) {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    for (const [name, one] of Object.entries<any>(byName)) {
      contracts[`${pathOf(file)}:${name}`] = {
        abi: one.abi,
        bin: one.evm.bytecode.object,
        "bin-runtime": one.evm.deployedBytecode.object,
        srcmap: one.evm.bytecode.sourceMap,
        "srcmap-runtime": one.evm.deployedBytecode.sourceMap,
        hashes: one.evm.methodIdentifiers,
        userdoc: one.userdoc,
        devdoc: one.devdoc,
      };
    }
  }
  const sources: Record<string, unknown> = {};
  const sourceList: string[] = [];
  for (const [file, { id, ast }] of Object.entries<{ id: number; ast: unknown }>(found.sources)) {
    makeAbsolute(ast);
    sources[pathOf(file)] = { AST: ast };
    sourceList[id] = pathOf(file);
  }
  return { contracts, sources, sourceList, version: compiler.version() };
}

function makeAbsolute(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  if ("absolutePath" in node && typeof node.absolutePath === "string") {
    node.absolutePath = pathOf(node.absolutePath);
  }
  for (const child of Object.values(node)) makeAbsolute(child);
}

const args = process.argv.slice(2);
const file = args.find((argument) => argument.endsWith(".sol"));
if (args.includes("--version") || file === undefined) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${compiler.version()}`);
} else {
  process.stdout.write(compile(file));
}
