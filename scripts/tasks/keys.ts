import { join, resolve } from "node:path";
import type { Address } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { inspectKeyFile, loadKeyFile, loadOrCreateKeyFile } from "../../workers/runtime/keys.ts";
import type { VerbArguments, VerbContext } from "./verb.ts";

/** Options that say who acts. */
export interface IdentityArguments extends VerbArguments {
  /** NAME of `keys/NAME-coldkey.json` and `keys/NAME-hotkey.json` in the folder. */
  readonly as?: string;
  /** Key file of the coldkey, instead. */
  readonly coldkey?: string;
}

/** Whether a missing key file is made. */
export type Missing = "create" | "refuse";
export type Role = "coldkey" | "hotkey";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws FatalError NAME_INVALID */
export function keyFilePath(dir: string, name: string, role: Role): string {
  if (!NAME.test(name)) {
    throw new FatalError("NAME_INVALID", `"${name}" cannot name key files`, {
      data: { name },
      hint: "Use letters, digits, dots, dashes and underscores, 64 at most.",
    });
  }
  return resolve(join(dir, "keys", `${name}-${role}.json`));
}

/**
 * Who owns stake and rewards, and sends: the file of `--coldkey`, else the account of `--network`'s configuration, else
 * the file of `--as`. @throws FatalError NO_IDENTITY, and as `loadKeyFile`
 */
export async function coldkeyOf(
  args: IdentityArguments,
  context: VerbContext,
  missing: Missing,
): Promise<PrivateKeyAccount> {
  if (args.coldkey !== undefined) return loadKeyFile(resolve(args.coldkey), context.passphrase);
  const configured = await context.network?.account();
  if (configured !== undefined) return configured;
  if (args.as === undefined) throw noIdentity("Give --as NAME, or --coldkey FILE.");
  return namedKey(args, args.as, "coldkey", context, missing);
}

/** The key a worker signs with. @throws FatalError NO_IDENTITY, and as `loadKeyFile` */
export async function hotkeyOf(
  args: IdentityArguments,
  context: VerbContext,
  missing: Missing,
): Promise<PrivateKeyAccount> {
  return namedKey(args, hotkeyName(args), "hotkey", context, missing);
}

/** Address of the key a worker signs with, which needs no passphrase. @throws FatalError NO_IDENTITY, as `loadKeyFile` */
export async function hotkeyAddress(args: IdentityArguments): Promise<Address> {
  return namedAddress(args.dir, hotkeyName(args), "hotkey");
}

function hotkeyName({ as }: IdentityArguments): string {
  if (as === undefined) throw noIdentity("Give --as NAME: its hotkey is the one meant.");
  return as;
}

/**
 * The key in the folder's file of that name and role. Under `--dry-run` no file is made.
 * @throws as `loadKeyFile` and `createKeyFile`
 */
export async function namedKey(
  { dir, passphraseFile }: Pick<VerbArguments, "dir" | "passphraseFile">,
  name: string,
  role: Role,
  { passphrase, consent }: Pick<VerbContext, "passphrase" | "consent">,
  missing: Missing,
): Promise<PrivateKeyAccount> {
  const path = keyFilePath(dir, name, role);
  if (missing === "create" && !consent.dryRun)
    return loadOrCreateKeyFile(path, passphrase, passphraseFile !== undefined);
  return present(path, dir, name, loadKeyFile(path, passphrase), () => {
    return missing === "create" ? privateKeyToAccount(generatePrivateKey()) : undefined;
  });
}

/** Address of the key in the folder's file of that name and role. @throws as `inspectKeyFile` */
export async function namedAddress(dir: string, name: string, role: Role): Promise<Address> {
  const path = keyFilePath(dir, name, role);
  return (await present(path, dir, name, inspectKeyFile(path))).address;
}

/** What is read of a name's key file; where there is none, what `instead` gives, or an error that speaks of the name. */
async function present<Read>(
  path: string,
  dir: string,
  name: string,
  reading: Promise<Read>,
  instead: () => Read | undefined = () => undefined,
): Promise<Read> {
  try {
    return await reading;
  } catch (cause) {
    if (!(cause instanceof FatalError) || cause.code !== "KEY_FILE_MISSING") throw cause;
    const other = instead();
    if (other !== undefined) return other;
    throw new FatalError("KEY_FILE_MISSING", cause.message, {
      data: { path },
      hint: `Nobody called ${name} has registered or staked with keys in ${resolve(dir)}. Check --as and --dir.`,
    });
  }
}

/** It is not said who acts. */
export function noIdentity(hint: string): FatalError {
  return new FatalError("NO_IDENTITY", "it is not said who acts", { hint });
}
