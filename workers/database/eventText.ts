import type { ChainEvent } from "../protocol/chainEvents.ts";

/** A bigint as text, and a text that looks like one or like an escaped one: such texts are escaped by a backslash. */
const bigintText = /^-?\d+n$/;
const escapedText = /^\\*-?\d+n$/;

/** JSON text of an event; bigints are decimal digits with an n behind. */
export function formatEvent(event: ChainEvent): string {
  return JSON.stringify(event, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    return typeof value === "string" && escapedText.test(value) ? `\\${value}` : value;
  });
}

/** Inverse of `formatEvent`. @throws SyntaxError */
export function parseEvent(json: string): ChainEvent {
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== "string") return value;
    if (bigintText.test(value)) return BigInt(value.slice(0, -1));
    return escapedText.test(value) ? value.slice(1) : value;
  });
}
