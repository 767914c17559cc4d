import { BaseError, decodeErrorResult, type Hex, isHex } from "viem";
import { WeftError } from "../protocol/errors.ts";
import { errorAbi } from "./generated/abi.ts";
import { hintFor } from "./revertHints.ts";

export type RevertArguments = Readonly<Record<string, unknown>>;

/** A contract refused a call: code CONTRACT_REVERT, with the custom error it gave and that error's values. */
export class ContractRevert extends WeftError {
  override readonly name = "ContractRevert";
  /** Name of the Solidity error; "Error" and "Panic" are Solidity's own, "" is a revert without data. */
  readonly errorName: string;
  /** The error's values by parameter name. */
  readonly args: RevertArguments;

  constructor(action: string, errorName: string, args: RevertArguments, retryable: boolean, cause: unknown) {
    super("CONTRACT_REVERT", `${action} was refused: ${describe(errorName, args)}`, retryable, {
      cause,
      data: { action, errorName, ...args },
      hint: hintFor(errorName, args),
    });
    this.errorName = errorName;
    this.args = args;
  }
}

/** Reads the revert that a failed call or gas estimate carries. */
export function contractRevert(action: string, cause: unknown): ContractRevert {
  const { errorName, args } = decode(revertData(cause));
  return new ContractRevert(action, errorName, args, passesWithTime(errorName, args), cause);
}

function decode(data: Hex): { errorName: string; args: RevertArguments } {
  if (data === "0x") return { errorName: "", args: {} };
  try {
    const { errorName, args, abiItem } = decodeErrorResult({ abi: errorAbi, data });
    const values: readonly unknown[] = args ?? [];
    const inputs: readonly { readonly name?: string }[] = "inputs" in abiItem ? abiItem.inputs : [];
    return {
      errorName,
      args: Object.fromEntries(values.map((value, index) => [inputs[index]?.name || `${index}`, value])),
    };
  } catch {
    return { errorName: "unknown", args: { data } };
  }
}

/** Revert bytes, which nodes put in different depths of their answer. */
function revertData(cause: unknown): Hex {
  if (!(cause instanceof BaseError)) return "0x";
  let data: Hex = "0x";
  cause.walk((error) => {
    if (typeof error !== "object" || error === null || !("data" in error)) return false;
    const found = error.data;
    if (isHex(found)) data = found;
    else if (typeof found === "object" && found !== null && "data" in found && isHex(found.data))
      data = found.data;
    return data !== "0x";
  });
  return data;
}

/** Whether the same call may succeed later although nobody changes anything. */
function passesWithTime(errorName: string, args: RevertArguments): boolean {
  const below = (a: unknown, b: unknown) => typeof a === "bigint" && typeof b === "bigint" && a < b;
  switch (errorName) {
    case "BeforeGenesis":
    case "EpochNotStarted":
    case "RegistrationsExhausted":
    case "NoReplaceableUid":
      return true;
    case "WrongPhase":
      return below(args.offset, args.from);
    case "WrongRound":
      return below(args.current, args.given);
    case "WrongWindow":
      return below(args.round, args.expected ?? args.from);
    case "NothingMatured":
      return args.nextReleaseAt !== 0n;
    default:
      return false;
  }
}

function describe(errorName: string, args: RevertArguments): string {
  const values = Object.entries(args).map(([name, value]) => `${name} ${value}`);
  return `${errorName === "" ? "no reason given" : errorName}${values.length > 0 ? ` (${values.join(", ")})` : ""}`;
}
