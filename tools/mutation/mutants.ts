/** Mutants of a source file, named so that a name still means the same after edits elsewhere in the file. */
import { type AstNode, lineOf, type Span, textOf, walk } from "./ast.ts";
import { type Edit, editsAt } from "./operators.ts";

export interface Mutant {
  /** `file operator "changed code" → "what it becomes" #occurrence`, occurrences of the same change counted from 1. */
  readonly id: string;
  readonly path: string;
  readonly operator: string;
  readonly line: number;
  readonly span: Span;
  readonly replacement: string;
}

/** Where a change of a few characters lies: the line's code around it makes the name readable and stable. */
const CONTEXT = 100;

/** Every mutant of one file, in the order of the source. */
export function mutantsOf(path: string, text: string, ast: AstNode): Mutant[] {
  const source = Buffer.from(text);
  const edits: Edit[] = [];
  walk(ast, (node, ancestors) => {
    edits.push(...editsAt(source, node, ancestors));
  });
  edits.sort((a, b) => a.span.start - b.span.start);
  const seen = new Map<string, number>();
  return edits.map(({ operator, span, replacement }) => {
    const [before, after] = around(source, span);
    const changed = textOf(source, span);
    const name = `${path} ${operator} ${quoted(before + changed + after)} → ${quoted(before + replacement + after)}`;
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    const id = `${name} #${occurrence}`;
    return { id, path, operator, line: lineOf(source, span.start), span, replacement };
  });
}

/** The source with the mutant's change made. */
export function mutated(text: string, { span, replacement }: Pick<Mutant, "span" | "replacement">): string {
  const source = Buffer.from(text);
  const parts = [
    source.subarray(0, span.start),
    Buffer.from(replacement),
    source.subarray(span.start + span.length),
  ];
  return Buffer.concat(parts).toString("utf8");
}

/** The rest of the lines that the change touches. */
function around(source: Buffer, { start, length }: Span): [string, string] {
  const from = source.lastIndexOf("\n", start - 1) + 1;
  const newline = source.indexOf("\n", start + length);
  const to = newline < 0 ? source.length : newline;
  const before = source.toString("utf8", from, start).slice(-CONTEXT);
  return [
    before.trimStart(),
    source
      .toString("utf8", start + length, to)
      .slice(0, CONTEXT)
      .trimEnd(),
  ];
}

function quoted(text: string): string {
  return `\`${text.replace(/\s+/g, " ").trim()}\``;
}
