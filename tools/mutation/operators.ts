/** The changes that mutation testing makes to Solidity: each takes a node of solc's tree and says what to write in its place. */
import { type AstNode, child, children, type Span, spanOf, string, textOf, typeOf } from "./ast.ts";
import { yulEdits } from "./yulOperators.ts";

export interface Edit {
  readonly operator: string;
  readonly span: Span;
  readonly replacement: string;
}

const boundary: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const direction: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };
const equality: Readonly<Record<string, string>> = { "==": "!=", "!=": "==" };
const logic: Readonly<Record<string, string>> = { "&&": "||", "||": "&&" };
const arithmetic: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "**": "*",
  "<<": ">>",
  ">>": "<<",
  "&": "|",
  "|": "&",
  "^": "&",
};
const updates: Readonly<Record<string, string>> = {
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "|=": "&=",
  "&=": "|=",
  "<<=": ">>=",
  ">>=": "<<=",
  "++": "--",
  "--": "++",
};
const binary = { boundary, direction, equality, logic, arithmetic };
const checks = ["require", "assert", "revert"];

/** All edits at `node`. Whether the result compiles, and whether it does something else, is for the compiler to say. */
export function editsAt(source: Buffer, node: AstNode, ancestors: readonly AstNode[]): Edit[] {
  if (node.nodeType.startsWith("Yul")) return yulEdits(source, node);
  switch (node.nodeType) {
    case "BinaryOperation":
      return [...binaryEdits(source, node), ...senderEdits(node)];
    case "IfStatement":
    case "WhileStatement":
    case "ForStatement":
    case "Conditional":
      return negation(source, child(node, "condition"));
    case "RevertStatement":
      return deletion(source, node, "delete-check");
    case "ExpressionStatement":
      return statementEdits(source, node, ancestors);
    case "Literal":
      return literalEdits(source, node);
    case "Return":
      return returnEdits(source, node, ancestors);
    case "ModifierInvocation":
      return node.kind === "modifierInvocation"
        ? [{ operator: "drop-modifier", span: spanOf(node.src), replacement: "" }]
        : [];
    case "Assignment":
    case "UnaryOperation":
      return updateEdits(source, node, ancestors);
    default:
      return [];
  }
}

function binaryEdits(source: Buffer, node: AstNode): Edit[] {
  const [left, right] = [child(node, "leftExpression")!, child(node, "rightExpression")!];
  return Object.entries(binary).flatMap(([operator, swaps]) => {
    const other = swaps[string(node, "operator")];
    return other === undefined
      ? []
      : [between(source, operator, left, right, string(node, "operator"), other)];
  });
}

/** `msg.sender` compared with something: `tx.origin` in its place. */
function senderEdits(node: AstNode): Edit[] {
  return ["leftExpression", "rightExpression"].flatMap((side) => {
    const operand = child(node, side)!;
    const isSender =
      operand.nodeType === "MemberAccess" &&
      operand.memberName === "sender" &&
      string(child(operand, "expression"), "name") === "msg";
    return isSender ? [{ operator: "sender", span: spanOf(operand.src), replacement: "tx.origin" }] : [];
  });
}

/** An equality is left out: its negation is the edit `equality`. */
function negation(source: Buffer, condition: AstNode | undefined): Edit[] {
  if (condition === undefined || string(condition, "operator") in equality) return [];
  const span = spanOf(condition.src);
  return [{ operator: "negate", span, replacement: `!(${textOf(source, span)})` }];
}

/** The step of a loop is left out: without it the loop does not end, which says nothing about the tests. */
function statementEdits(source: Buffer, node: AstNode, ancestors: readonly AstNode[]): Edit[] {
  if (isLoopStep(node, ancestors)) return [];
  const called = child(child(node, "expression")!, "expression");
  return deletion(
    source,
    node,
    checks.includes(string(called, "name")) ? "delete-check" : "delete-statement",
  );
}

function deletion(source: Buffer, node: AstNode, operator: string): Edit[] {
  const { start, length } = spanOf(node.src);
  const rest = source.toString("utf8", start + length);
  const semicolon = /^\s*;/.exec(rest)?.[0] ?? "";
  return [{ operator, span: { start, length: length + semicolon.length }, replacement: "{}" }];
}

function literalEdits(source: Buffer, node: AstNode): Edit[] {
  if (node.kind !== "number" || typeOf(node).startsWith("address")) return [];
  const span = spanOf(node.src);
  const text = textOf(source, span);
  const signs = /^(0x)?0+$/.test(text) ? ["+"] : ["+", "-"];
  return signs.map((sign) => ({ operator: "literal", span, replacement: `(${text} ${sign} 1)` }));
}

/** The default of the returned type in place of what is returned; functions with one plain result only. */
function returnEdits(source: Buffer, node: AstNode, ancestors: readonly AstNode[]): Edit[] {
  const expression = child(node, "expression");
  const definition = ancestors.findLast(({ nodeType }) => nodeType === "FunctionDefinition");
  if (expression === undefined || definition === undefined) return [];
  const results = children(child(definition, "returnParameters")!, "parameters");
  const type = results.length === 1 ? typeOf(results[0]) : "";
  const value = defaultOf(type);
  const span = spanOf(expression.src);
  return value === undefined || [value, "0"].includes(textOf(source, span))
    ? []
    : [{ operator: "return-default", span, replacement: value }];
}

function defaultOf(type: string): string | undefined {
  if (type === "bool") return "false";
  return /^(u?int\d+|bytes\d+|address)$/.test(type) ? `${type}(0)` : undefined;
}

function updateEdits(source: Buffer, node: AstNode, ancestors: readonly AstNode[]): Edit[] {
  const operator = string(node, "operator");
  const other = updates[operator];
  if (other === undefined || isLoopStep(ancestors.at(-1), ancestors.slice(0, -1))) return [];
  const [left, right] = [child(node, "leftHandSide"), child(node, "rightHandSide")];
  if (left !== undefined && right !== undefined)
    return [between(source, "update", left, right, operator, other)];
  const { start, length } = spanOf(node.src);
  const at = node.prefix === true ? start : start + length - operator.length;
  return [{ operator: "update", span: { start: at, length: operator.length }, replacement: other }];
}

function isLoopStep(node: AstNode | undefined, ancestors: readonly AstNode[]): boolean {
  const parent = ancestors.at(-1);
  return parent?.nodeType === "ForStatement" && parent.loopExpression === node;
}

/** The operator's sign stands between its operands, beside blanks, brackets and perhaps comments: the last one counts. */
function between(
  source: Buffer,
  operator: string,
  left: AstNode,
  right: AstNode,
  sign: string,
  other: string,
): Edit {
  const from = spanOf(left.src).start + spanOf(left.src).length;
  const gap = source.subarray(from, spanOf(right.src).start);
  const start = from + gap.lastIndexOf(sign);
  return { operator, span: { start, length: sign.length }, replacement: other };
}
