import { join, resolve } from "node:path";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { loadKeyFile, loadOrCreateKeyFile } from "../../workers/runtime/keys.ts";
import type { VerbArguments, VerbContext } from "./verb.ts";

/** Options that say who acts. */
export interface IdentityArguments extends VerbArguments {
  /** NAME of `keys/NAME-coldkey.json` and `keys/NAME-hotkey.json` in the folder. */
  readonly as?: string;
  /** Key file of the coldkey, instead. */
  readonly coldkey?: string;
}

/** Whether a missing key file is made; an invented key is one that is kept nowhere. */
export type Missing = "create" | "refuse" | "invent";
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
  if (args.coldkey !== undefined) return loadKeyFile(resolve(args.coldkey));
  const configured = await context.network?.account();
  if (configured !== undefined) return configured;
  if (args.as === undefined) throw noIdentity("Give --as NAME, or --coldkey FILE.");
  return namedKey(args.dir, args.as, "coldkey", unlessDry(context, missing));
}

/** The key a worker signs with. @throws FatalError NO_IDENTITY, and as `loadKeyFile` */
export async function hotkeyOf(args: IdentityArguments, missing: Missing): Promise<PrivateKeyAccount> {
  if (args.as === undefined) throw noIdentity("Give --as NAME: its hotkey is the one meant.");
  return namedKey(args.dir, args.as, "hotkey", missing);
}

/** The key in the folder's file of that name and role. @throws as `loadKeyFile` and `createKeyFile` */
export async function namedKey(
  dir: string,
  name: string,
  role: Role,
  missing: Missing,
): Promise<PrivateKeyAccount> {
  const path = keyFilePath(dir, name, role);
  if (missing === "create") return loadOrCreateKeyFile(path);
  try {
    return await loadKeyFile(path);
  } catch (cause) {
    if (!(cause instanceof FatalError) || cause.code !== "KEY_FILE_MISSING") throw cause;
    if (missing === "invent") return privateKeyToAccount(generatePrivateKey());
    throw new FatalError("KEY_FILE_MISSING", cause.message, {
      data: { path },
      hint: `Nobody called ${name} has registered or staked with keys in ${resolve(dir)}. Check --as and --dir.`,
    });
  }
}

/** A dry run makes no key files. */
export function unlessDry({ consent }: Pick<VerbContext, "consent">, missing: Missing): Missing {
  return missing === "create" && consent.dryRun ? "invent" : missing;
}

/** It is not said who acts. */
export function noIdentity(hint: string): FatalError {
  return new FatalError("NO_IDENTITY", "it is not said who acts", { hint });
}
