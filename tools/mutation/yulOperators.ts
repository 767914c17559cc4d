/** The changes to Yul inside `assembly` blocks. */
import { type AstNode, child, spanOf, string, textOf } from "./ast.ts";
import type { Edit } from "./operators.ts";

const swaps: Readonly<Record<string, string>> = {
  lt: "gt",
  gt: "lt",
  slt: "sgt",
  sgt: "slt",
  add: "sub",
  sub: "add",
  mul: "div",
  div: "mul",
  shl: "shr",
  shr: "shl",
  and: "or",
  or: "and",
};

export function yulEdits(source: Buffer, node: AstNode): Edit[] {
  if (node.nodeType === "YulFunctionCall") {
    const name = child(node, "functionName")!;
    const other = swaps[string(name, "name")];
    return other === undefined ? [] : [{ operator: "opcode", span: spanOf(name.src), replacement: other }];
  }
  if (node.nodeType === "YulExpressionStatement")
    return [{ operator: "delete-statement", span: spanOf(node.src), replacement: "{}" }];
  if (node.nodeType !== "YulLiteral" || node.kind !== "number") return [];
  const span = spanOf(node.src);
  const text = textOf(source, span);
  const value = BigInt(text);
  const neighbours = value === 0n ? [1n] : [value + 1n, value - 1n];
  return neighbours.map((neighbour) => ({
    operator: "literal",
    span,
    replacement: text.startsWith("0x") ? `0x${neighbour.toString(16)}` : String(neighbour),
  }));
}
