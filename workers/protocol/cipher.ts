import { createCipheriv, hkdfSync } from "node:crypto";
import { type Hex, hexToBytes } from "viem";
import { UPDATE_DOMAIN, type UpdateIdentity } from "./commitment.ts";
import { FatalError } from "./errors.ts";
import { encodeWords } from "./words.ts";

const KEY_BYTES = 32;
const SALT_BYTES = 32;
const COUNTER_BYTES = 16;

/**
 * Key of one update: HKDF-SHA256 with the salt as keying material, no HKDF salt, and as info the UTF-8 domain followed
 * by chainId, ledger, neuronId and round as 32-byte words (DESIGN §7). A salt serves one update, so the counter starts
 * at zero.
 * @throws FatalError `SALT_INVALID` where the salt has not 32 bytes.
 */
export function updateKey(identity: UpdateIdentity, salt: Hex): Uint8Array {
  const material = hexToBytes(salt);
  if (material.length !== SALT_BYTES) {
    throw new FatalError("SALT_INVALID", "A salt has 32 bytes.", { data: { bytes: material.length } });
  }
  const { chainId, ledger, neuronId, round } = identity;
  const words = hexToBytes(encodeWords([chainId, ledger, neuronId, round]));
  const info = Buffer.concat([Buffer.from(UPDATE_DOMAIN, "utf8"), words]);
  return new Uint8Array(hkdfSync("sha256", material, new Uint8Array(0), info, KEY_BYTES));
}

/** AES-256-CTR of an update, same length as given. Integrity is the CID's. */
export function encryptUpdate(plain: Uint8Array, identity: UpdateIdentity, salt: Hex): Uint8Array {
  const cipher = createCipheriv("aes-256-ctr", updateKey(identity, salt), new Uint8Array(COUNTER_BYTES));
  return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final()]));
}

/** Inverse of `encryptUpdate`; with another identity or salt the result is noise, never an error. */
export function decryptUpdate(encrypted: Uint8Array, identity: UpdateIdentity, salt: Hex): Uint8Array {
  return encryptUpdate(encrypted, identity, salt);
}
