import { mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Address, Hex } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { FatalError } from "../protocol/errors.ts";
import { systemErrorCode, writeFileAtomic } from "./files.ts";
import { decryptKey, encryptKey, isKeystore, keystoreAddress } from "./keystore.ts";
import { noPassphrase, type Passphrase } from "./passphrase.ts";
import { readPrivateFile } from "./privateFile.ts";

const OWNER_ONLY = 0o600;
const PRIVATE_KEY = /^0x[0-9a-fA-F]{64}$/;

/**
 * Creates a key file that only its owner can read, with a fresh key unless one is given: `{ "privateKey": "0x…" }`, or a
 * keystore where there is a passphrase.
 * @throws FatalError KEY_FILE_EXISTS (an existing key is never overwritten), KEY_INVALID, KEY_FILE_NOT_WRITABLE
 */
export async function createKeyFile(
  path: string,
  privateKey = generatePrivateKey(),
  passphrase?: string,
): Promise<PrivateKeyAccount> {
  const account = accountOf(path, privateKey);
  const content =
    passphrase === undefined ? JSON.stringify({ privateKey }) : await encryptKey(privateKey, passphrase);
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "wx", OWNER_ONLY);
    try {
      await file.writeFile(`${content}\n`);
      await file.sync();
    } catch (cause) {
      await rm(path, { force: true });
      throw cause;
    } finally {
      await file.close();
    }
  } catch (cause) {
    const reason = systemErrorCode(cause);
    if (reason === "EEXIST") {
      throw new FatalError("KEY_FILE_EXISTS", `there is a key file at ${path} already`, {
        data: { path },
        hint: "Use it, or name another file: keys are never overwritten.",
      });
    }
    throw new FatalError("KEY_FILE_NOT_WRITABLE", `cannot create the key file ${path} (${reason})`, {
      cause,
      data: { path, reason },
      hint: "Name a file in a folder you may write to.",
    });
  }
  return account;
}

/**
 * Loads the account of a key file; `passphrase` is asked where it is a keystore.
 * @throws FatalError KEY_FILE_MISSING, KEY_FILE_UNREADABLE, KEY_FILE_EXPOSED (group or others may read it), KEY_INVALID,
 * PASSPHRASE_WRONG, and what `passphrase` throws
 */
export async function loadKeyFile(
  path: string,
  passphrase: Passphrase = noPassphrase,
): Promise<PrivateKeyAccount> {
  const { text, content } = await readKeyFile(path);
  if (isKeystore(content)) return accountOf(path, await decryptKey(text, await passphrase(path), path));
  return accountOf(path, plainKey(content));
}

/** What can be told of a key file without its passphrase. @throws as `loadKeyFile`, also where a keystore hides its address */
export async function inspectKeyFile(
  path: string,
): Promise<{ readonly address: Address; readonly encrypted: boolean }> {
  const { content } = await readKeyFile(path);
  if (isKeystore(content)) {
    const address = keystoreAddress(content);
    if (address === undefined) throw invalidKey(path);
    return { address, encrypted: true };
  }
  return { address: accountOf(path, plainKey(content)).address, encrypted: false };
}

/**
 * Turns a key file with the bare key into a keystore, at once or not at all.
 * @throws FatalError KEY_FILE_ENCRYPTED; as `loadKeyFile`; what writing throws
 */
export async function encryptKeyFile(path: string, passphrase: () => Promise<string>): Promise<Address> {
  const { content } = await readKeyFile(path);
  if (isKeystore(content)) {
    throw new FatalError("KEY_FILE_ENCRYPTED", `the key file ${path} is encrypted already`, {
      data: { path },
      hint: "Nothing is left to do.",
    });
  }
  const key = plainKey(content);
  const { address } = accountOf(path, key);
  const keystore = await encryptKey(key as Hex, await passphrase());
  await writeFileAtomic(path, [Buffer.from(`${keystore}\n`)], { mode: OWNER_ONLY });
  return address;
}

/** Loads the key file, or creates it when there is none: as a keystore where `encrypt` is asked for. */
export async function loadOrCreateKeyFile(
  path: string,
  passphrase: Passphrase = noPassphrase,
  encrypt = false,
): Promise<PrivateKeyAccount> {
  try {
    return await loadKeyFile(path, passphrase);
  } catch (error) {
    if (error instanceof FatalError && error.code === "KEY_FILE_MISSING")
      return createKeyFile(path, undefined, encrypt ? await passphrase(path) : undefined);
    throw error;
  }
}

async function readKeyFile(path: string): Promise<{ readonly text: string; readonly content: unknown }> {
  const text = await readPrivateFile(path, { words: "key file", code: "KEY_FILE" });
  try {
    return { text, content: JSON.parse(text) };
  } catch {
    throw invalidKey(path); // without cause: its message would quote the file
  }
}

function plainKey(content: unknown): unknown {
  return typeof content === "object" && content !== null && "privateKey" in content
    ? content.privateKey
    : undefined;
}

function accountOf(path: string, key: unknown): PrivateKeyAccount {
  if (!isPrivateKey(key)) throw invalidKey(path);
  try {
    return privateKeyToAccount(key);
  } catch {
    throw invalidKey(path); // out of the curve's range; the cause would carry the key
  }
}

function isPrivateKey(value: unknown): value is Hex {
  return typeof value === "string" && PRIVATE_KEY.test(value);
}

function invalidKey(path: string): FatalError {
  return new FatalError("KEY_INVALID", `${path} holds no valid private key`, {
    data: { path },
    hint: 'The file must be JSON of the form {"privateKey": "0x<64 hex digits>"}.',
  });
}
