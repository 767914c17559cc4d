/**
 * Tests that do not carry the code of the contracts they deploy. In the test sources `new C(a)` becomes a `create` with
 * the code of C that the test runner holds, so that a mutated contract is compiled alone and the suites not at all. How a
 * test behaves stays the same, which the unmutated run checks before any mutant does.
 */
import { type AstNode, child, children, type Span, spanOf, string, textOf, walk } from "./ast.ts";
import type { Sources } from "./compiler.ts";

export interface LinkedProject {
  readonly sources: Sources;
  /** Per source the sources whose code its own contracts may contain. */
  readonly uses: Readonly<Record<string, readonly string[]>>;
  /** Per source the sources whose contracts it deploys. */
  readonly deploys: Readonly<Record<string, readonly string[]>>;
  /** Sources with contracts that suites deploy or are. */
  readonly deployed: readonly string[];
}

const HELPER = "mutation/Linked.sol";
/**
 * `unixTime` in a constructor makes a failing test one that cannot be run again, and so spares its trace: of an endless
 * loop that would be gigabytes.
 */
const helper = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;
interface LinkedCheats {
    function getCode(string calldata) external view returns (bytes memory);
    function unixTime() external returns (uint256);
}
LinkedCheats constant LINKED_CHEATS = LinkedCheats(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
function untraced() returns (bool) {
    LINKED_CHEATS.unixTime();
    return true;
}
function createLinked(string memory name, bytes memory arguments) returns (address payable created) {
    bytes memory code = bytes.concat(LINKED_CHEATS.getCode(name), arguments);
    assembly ("memory-safe") {
        created := create(0, add(code, 32), mload(code))
        if iszero(created) {
            let message := mload(64)
            returndatacopy(message, 0, returndatasize())
            revert(message, returndatasize())
        }
    }
}
`;

interface Declaration {
  readonly path: string;
  readonly node: AstNode;
}

export function link(sources: Sources, trees: ReadonlyMap<string, AstNode>): LinkedProject {
  const contracts = contractsOf(trees);
  const linked: Record<string, string> = { [HELPER]: helper };
  const uses: Record<string, string[]> = { [HELPER]: [] };
  const deploys: Record<string, string[]> = { [HELPER]: [] };
  const deployed = new Set([...trees.keys()].filter((path) => /^(test|contracts)\//.test(path)));
  for (const [path, tree] of trees) {
    const inTest = path.startsWith("test/");
    const creations = creationsIn(tree, contracts).filter(({ of }) => of.path !== path);
    const linkable = creations.filter(({ call }) => inTest && call !== undefined);
    const edits = linkable.map((creation) => createEdit(sources[path], creation));
    linked[path] = applied(sources[path], inTest ? [...edits, ...untracedEdits(sources[path], tree)] : []);
    deploys[path] = linkable.map(({ of }) => of.path);
    for (const other of deploys[path]) deployed.add(other);

    const kept = new Set(creations.filter((one) => !linkable.includes(one)).map(({ of }) => of.path));
    for (const base of basesIn(tree, contracts)) kept.add(base);
    const imported = children(tree, "nodes").map((node) => string(node, "absolutePath"));
    const whole = readsCode(tree);
    uses[path] = imported.filter((other) => {
      const otherTree = trees.get(other);
      return otherTree !== undefined && (whole || kept.has(other) || !standsAlone(otherTree));
    });
  }
  return { sources: linked, uses, deploys, deployed: [...deployed].sort() };
}

/** `path` and every source that may contain its code. */
export function dependents(uses: LinkedProject["uses"], path: string): string[] {
  const found = new Set([path]);
  for (const one of found) {
    for (const [other, used] of Object.entries(uses)) if (used.includes(one)) found.add(other);
  }
  return [...found].sort();
}

/** Sources with contracts that the tests of `suite` run, its own included. */
export function needed({ uses, deploys, deployed }: LinkedProject, suite: string): string[] {
  const found = new Set([suite]);
  for (const one of found) for (const other of [...uses[one], ...deploys[one]]) found.add(other);
  return deployed.filter((path) => found.has(path));
}

/** Declarations of contracts by solc's id. */
function contractsOf(trees: ReadonlyMap<string, AstNode>): Map<number, Declaration> {
  const found = new Map<number, Declaration>();
  for (const [path, tree] of trees) {
    for (const node of children(tree, "nodes"))
      if (node.nodeType === "ContractDefinition") found.set(Number(node.id), { path, node });
  }
  return found;
}

interface Creation {
  /** `new C(…)` as a whole; undefined where a salt or a value stands between. Such a one stays as it is. */
  readonly call: AstNode | undefined;
  readonly type: AstNode;
  readonly of: Declaration;
}

function creationsIn(tree: AstNode, contracts: ReadonlyMap<number, Declaration>): Creation[] {
  const found: Creation[] = [];
  walk(tree, (node, ancestors) => {
    const type = node.nodeType === "NewExpression" ? child(node, "typeName") : undefined;
    const of = contracts.get(Number(type?.referencedDeclaration));
    if (type === undefined || of === undefined) return;
    const parent = ancestors.at(-1);
    found.push({ call: parent?.nodeType === "FunctionCall" ? parent : undefined, type, of });
  });
  return found;
}

interface TextEdit {
  readonly span: Span;
  readonly replacement: string;
}

/** Creations nest: only the head is written anew, and the closing bracket doubled. */
function createEdit(text: string, { call, type, of }: Creation): TextEdit & { closing: number } {
  const source = Buffer.from(text);
  const [whole, head] = [spanOf(call!.src), spanOf(child(call!, "expression")!.src)];
  const open = source.indexOf("(", head.start + head.length) + 1;
  const name = `"${of.path}:${string(of.node, "name")}"`;
  const replacement = `${textOf(source, spanOf(type.src))}(createLinked(${name}, abi.encode(`;
  return {
    span: { start: whole.start, length: open - whole.start },
    replacement,
    closing: whole.start + whole.length,
  };
}

/** A call of `untraced` in the constructor of each contract that has tests. */
function untracedEdits(text: string, tree: AstNode): TextEdit[] {
  const source = Buffer.from(text);
  const suites = children(tree, "nodes").filter(
    (node) =>
      node.contractKind === "contract" &&
      node.abstract !== true &&
      children(node, "nodes").some((inner) => /^(test|invariant)/.test(string(inner, "name"))),
  );
  return suites.map((node) => {
    const bases = children(node, "baseContracts").map(({ src }) => spanOf(src));
    const names = [spanOf(string(node, "nameLocation")), ...bases];
    const end = Math.max(...names.map(({ start, length }) => start + length));
    const start = source.indexOf("{", end) + 1;
    return { span: { start, length: 0 }, replacement: " bool private linkedUntraced = untraced(); " };
  });
}

function applied(text: string, edits: readonly (TextEdit & { closing?: number })[]): string {
  if (edits.length === 0) return text;
  const all = edits.flatMap(({ span, replacement, closing }) => [
    { start: span.start, length: span.length, replacement },
    ...(closing === undefined ? [] : [{ start: closing, length: 0, replacement: "))" }]),
  ]);
  let source = Buffer.from(text);
  for (const { start, length, replacement } of all.sort((a, b) => b.start - a.start)) {
    const parts = [source.subarray(0, start), Buffer.from(replacement), source.subarray(start + length)];
    source = Buffer.concat(parts);
  }
  return `${source.toString("utf8")}\nimport {createLinked, untraced} from "${HELPER}";\n`;
}

/** Sources of the contracts that those of `tree` inherit from. */
function basesIn(tree: AstNode, contracts: ReadonlyMap<number, Declaration>): string[] {
  return children(tree, "nodes").flatMap((node) => {
    const bases = Array.isArray(node.linearizedBaseContracts) ? node.linearizedBaseContracts : [];
    return bases.flatMap((id) => contracts.get(Number(id))?.path ?? []);
  });
}

function readsCode(tree: AstNode): boolean {
  let found = false;
  walk(tree, ({ nodeType, memberName }) => {
    found ||= nodeType === "MemberAccess" && ["creationCode", "runtimeCode"].includes(String(memberName));
  });
  return found;
}

/** Whether a source's code reaches others only by deployment: contracts and interfaces, no libraries and no functions. */
function standsAlone(tree: AstNode): boolean {
  return children(tree, "nodes").every(({ nodeType, contractKind }) => {
    return contractKind !== "library" && !["FunctionDefinition", "VariableDeclaration"].includes(nodeType);
  });
}
