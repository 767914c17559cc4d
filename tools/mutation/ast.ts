/** solc's syntax tree as it is read here: nodes with a type and a byte range; Yul inside `assembly` has the same shape. */

export interface AstNode {
  readonly nodeType: string;
  /** `start:length:file`, in bytes. */
  readonly src: string;
  readonly [property: string]: unknown;
}

/** A range of bytes in a source file. */
export interface Span {
  readonly start: number;
  readonly length: number;
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}

export function spanOf(src: string): Span {
  const [start, length] = src.split(":").map(Number);
  return { start, length };
}

export function textOf(source: Buffer, { start, length }: Span): string {
  return source.toString("utf8", start, start + length);
}

export function lineOf(source: Buffer, offset: number): number {
  return source.toString("utf8", 0, offset).split("\n").length;
}

/** The node under `property`, if there is one. */
export function child(node: AstNode, property: string): AstNode | undefined {
  const value = node[property];
  return isNode(value) ? value : undefined;
}

export function children(node: AstNode, property: string): AstNode[] {
  const value = node[property];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function string(node: AstNode | undefined, property: string): string {
  const value = node?.[property];
  return typeof value === "string" ? value : "";
}

/** solc's name of an expression's or a variable's type, `uint256` and the like. */
export function typeOf(node: AstNode): string {
  const types = node.typeDescriptions;
  return typeof types === "object" && types !== null && "typeString" in types ? String(types.typeString) : "";
}

/** Every node below `node` with its ancestors, the outermost first. */
export function walk(
  node: AstNode,
  visit: (node: AstNode, ancestors: readonly AstNode[]) => void,
  ancestors: readonly AstNode[] = [],
): void {
  visit(node, ancestors);
  const inner = [...ancestors, node];
  for (const value of Object.values(node)) {
    for (const item of Array.isArray(value) ? value : [value]) if (isNode(item)) walk(item, visit, inner);
  }
}
