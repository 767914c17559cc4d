import { Wallet } from "@ethereumjs/wallet";
import { type Address, bytesToHex, getAddress, type Hex, hexToBytes } from "viem";
import { FatalError } from "../protocol/errors.ts";

/** scrypt's N: half a second and 128 MB for whoever tries a passphrase. */
const scryptRounds = 2 ** 17;

/** A private key in Ethereum's keystore format (Web3 Secret Storage, version 3), which wallets and geth read too. */
export async function encryptKey(privateKey: Hex, passphrase: string): Promise<string> {
  const keystore = await Wallet.fromPrivateKey(hexToBytes(privateKey)).toV3(passphrase, { n: scryptRounds });
  return JSON.stringify(keystore);
}

/**
 * The private key of a keystore.
 * @throws FatalError PASSPHRASE_WRONG, also where the file is damaged: the format cannot tell one from the other
 */
export async function decryptKey(keystore: string, passphrase: string, path: string): Promise<Hex> {
  try {
    return bytesToHex((await Wallet.fromV3(keystore, passphrase)).getPrivateKey());
  } catch {
    // Without cause: nobody knows what a library's message quotes.
    throw new FatalError("PASSPHRASE_WRONG", `the passphrase does not open the key file ${path}`, {
      data: { path },
      hint: "Try again; if it is right, the file is damaged: restore it from your backup.",
    });
  }
}

/** A parsed key file in keystore format, whatever else is in it. */
export interface Keystore {
  readonly version: 3;
  readonly crypto: unknown;
  readonly address?: unknown;
}

export function isKeystore(content: unknown): content is Keystore {
  return (
    typeof content === "object" &&
    content !== null &&
    "crypto" in content &&
    "version" in content &&
    content.version === 3
  );
}

/** The address that a keystore says is its own; undefined where it says none. */
export function keystoreAddress({ address }: Keystore): Address | undefined {
  const isAddress = typeof address === "string" && /^(0x)?[0-9a-fA-F]{40}$/.test(address);
  return isAddress ? getAddress(`0x${address.replace(/^0x/, "")}`) : undefined;
}
