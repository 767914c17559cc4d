import { type Address, getAddress, isAddress } from "viem";
import { FatalError } from "../../workers/protocol/errors.ts";

/** An option's address, in its checksummed form. @throws FatalError ADDRESS_INVALID */
export function parseAddress(option: string, text: string): Address {
  // An address in one case carries no checksum; a mixed one must be right.
  if (isAddress(text)) return getAddress(text);
  throw new FatalError("ADDRESS_INVALID", `${option} ${text} is no address`, {
    data: { option, text },
    hint: "Give 0x and 40 hex digits. If the letters are in mixed case, one of them is mistyped.",
  });
}
