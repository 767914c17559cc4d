import { FatalError } from "../../workers/protocol/errors.ts";
import { encryptKeyFile } from "../../workers/runtime/keys.ts";
import { newPassphrase } from "../../workers/runtime/passphrase.ts";
import { type IdentityArguments, keyFilePath, noIdentity, type Role } from "./keys.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface EncryptArguments extends IdentityArguments {
  /** "coldkey" or "hotkey"; both unless given. */
  readonly role?: string;
}

/**
 * Encrypts the key files of `--as` with one passphrase. What is encrypted already stays as it is.
 * @throws FatalError NO_IDENTITY, ROLE_INVALID, KEY_FILE_ENCRYPTED where nothing is left to encrypt; as `encryptKeyFile`
 */
export async function encryptVerb(args: EncryptArguments, { signal }: VerbContext): Promise<Outcome> {
  const { as, dir, passphraseFile } = args;
  if (as === undefined) throw noIdentity("Give --as NAME: its key files are the ones meant.");
  const roles = rolesOf(args.role);
  let chosen: Promise<string> | undefined;
  const encrypted: { role: Role; file: string; address: string }[] = [];
  const failures: FatalError[] = [];
  for (const role of roles) {
    const file = keyFilePath(dir, as, role);
    const passphrase = () => {
      chosen ??= newPassphrase(passphraseFile, file, signal);
      return chosen;
    };
    try {
      encrypted.push({ role, file, address: await encryptKeyFile(file, passphrase) });
    } catch (error) {
      if (!(error instanceof FatalError) || roles.length === 1 || !passed.has(error.code)) throw error;
      failures.push(error);
    }
  }
  if (encrypted.length === 0) throw failures[0];
  return {
    lines: [
      ...encrypted.map(({ role, address }) => `encrypted the ${role} ${address}`),
      "  Without the passphrase nobody can use it, you neither: keep it with your backup.",
      "  Workers and verbs ask for it, or read it with --passphrase-file.",
    ],
    json: { encrypted },
  };
}

/** Of two files the one may be missing or done. */
const passed: ReadonlySet<string> = new Set(["KEY_FILE_MISSING", "KEY_FILE_ENCRYPTED"]);

function rolesOf(text: string | undefined): readonly Role[] {
  if (text === undefined) return ["coldkey", "hotkey"];
  if (text === "coldkey" || text === "hotkey") return [text];
  throw new FatalError("ROLE_INVALID", `--role is ${text}`, { hint: "Give coldkey or hotkey." });
}

export default verbAction(encryptVerb);
