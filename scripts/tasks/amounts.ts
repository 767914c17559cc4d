import { parseEther } from "viem";
import { FatalError } from "../../workers/protocol/errors.ts";

const DECIMAL = /^\d{1,30}(\.\d{1,18})?$/;

/**
 * Wei of an option's amount in whole tokens or coin, e.g. "12.5"; more than zero.
 * @throws FatalError AMOUNT_MISSING, AMOUNT_INVALID
 */
export function parseAmount(option: string, text: string | undefined): bigint {
  if (text === undefined) {
    throw new FatalError("AMOUNT_MISSING", `${option} is missing`, {
      data: { option },
      hint: `Say how much, in whole tokens, e.g. ${option} 12.5.`,
    });
  }
  const wei = DECIMAL.test(text) ? parseEther(text) : 0n;
  if (wei === 0n) {
    throw new FatalError("AMOUNT_INVALID", `${option} ${text} is no amount`, {
      data: { option, text },
      hint: "Give a number above 0 in whole tokens, with a dot and at most 18 decimals: 1000 or 12.5.",
    });
  }
  return wei;
}

/** An option's whole number from 0 on. @throws FatalError NUMBER_INVALID */
export function parseCount(option: string, text: string): bigint {
  if (!/^\d{1,30}$/.test(text)) {
    throw new FatalError("NUMBER_INVALID", `${option} ${text} is no whole number`, {
      data: { option, text },
      hint: "Give a whole number as npx hardhat metagraph shows it.",
    });
  }
  return BigInt(text);
}
