import type { Hex } from "viem";
import { FatalError } from "../protocol/errors.ts";
import type { Row } from "./database.ts";

/** Typed reads of a row's columns; a value of another type means that the file is not what this code wrote. */

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column, value);
  return value;
}

export function hex(row: Row, column: string): Hex {
  const value = row[column];
  if (!isHex(value)) throw unexpected(column, value);
  return value;
}

export function optionalHex(row: Row, column: string): Hex | undefined {
  return row[column] === null ? undefined : hex(row, column);
}

export function bigint(row: Row, column: string): bigint {
  const value = row[column];
  if (typeof value !== "bigint") throw unexpected(column, value);
  return value;
}

/** An integer column that fits a JavaScript number exactly. */
export function integer(row: Row, column: string): number {
  const value = Number(bigint(row, column));
  if (!Number.isSafeInteger(value)) throw unexpected(column, value);
  return value;
}

export function optionalInteger(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : integer(row, column);
}

export function real(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unexpected(column, value);
  return value;
}

export function optionalReal(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : real(row, column);
}

/** A text column that holds one of `choices`. */
export function oneOf<Choice extends string>(row: Row, column: string, choices: readonly Choice[]): Choice {
  const value = row[column];
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw unexpected(column, value);
  return choice;
}

function isHex(value: unknown): value is Hex {
  return typeof value === "string" && /^0x([0-9a-f]{2})*$/.test(value);
}

function unexpected(column: string, value: unknown): FatalError {
  return new FatalError("DATABASE_CORRUPT", `column ${column} holds an unexpected ${typeof value}`, {
    data: { column },
    hint: "The database was not written by this version: restore it, or choose another folder with --dir.",
  });
}
