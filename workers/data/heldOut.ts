import { compareText, type Document, scatterKey, textBytes } from "./documents.ts";

/** Share of the text that is held out, at least. */
const heldOutShare = 0.05;
/** With fewer units than this one of them would be too much, or too little, of the whole. */
const minUnits = 5;
/** Length of the pieces that one long text is cut into when there is nothing else to split by, bytes. */
const pieceBytes = 16 << 10;

/**
 * Splits documents into training and held-out ones, at least 5 % of the bytes held out, by the coarsest unit of which
 * there are at least five: group (top-level folder or file), then document. Fewer documents than that are cut at line
 * ends into pieces of 16 KiB, of which the last ones are held out, so that pieces next to each other mostly stay
 * together. Which groups or documents are held out follows from their names.
 */
export function splitHeldOut(documents: readonly Document[]): { training: Document[]; heldOut: Document[] } {
  const byGroup = unitsBy(documents, (document) => document.group);
  const byDocument = unitsBy(documents, (document) => document.path);
  const needed = heldOutShare * textBytes(documents);
  for (const units of [byGroup, byDocument]) {
    if (units.length < minUnits) continue;
    const split = take(units, needed);
    // One unit that is most of the corpus must not be what nobody trains on.
    if (textBytes(split.heldOut) <= 4 * needed) return split;
  }
  const pieces = documents.flatMap(cut);
  return take(pieces.map((piece) => [piece]).reverse(), needed);
}

/** Moves units, in their order, to the held-out side until it has `needed` bytes; the last unit always trains. */
function take(units: readonly Document[][], needed: number): { training: Document[]; heldOut: Document[] } {
  let count = 0;
  for (let bytes = 0; bytes < needed && count < units.length - 1; count++) bytes += textBytes(units[count]);
  return { heldOut: units.slice(0, count).flat(), training: units.slice(count).flat() };
}

/** Documents with the same key together, in an order scattered by the key. */
function unitsBy(documents: readonly Document[], key: (document: Document) => string): Document[][] {
  const units = Map.groupBy(documents, key);
  return [...units]
    .map(([name, unit]) => ({ unit, order: scatterKey(name) }))
    .sort((a, b) => compareText(a.order, b.order))
    .map(({ unit }) => unit);
}

function cut(document: Document): Document[] {
  const { group, path, text } = document;
  const pieces: Document[] = [];
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf(0x0a, start + pieceBytes - 1);
    const limit = Math.min(text.length, start + 2 * pieceBytes);
    const end = lineEnd < 0 || lineEnd >= limit ? limit : lineEnd + 1;
    pieces.push({ group, path: `${path}@${start}`, text: text.subarray(start, end) });
    start = end;
  }
  return pieces;
}
