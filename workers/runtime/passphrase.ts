import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { FatalError } from "../protocol/errors.ts";
import { readPrivateFile } from "./privateFile.ts";

/** Asked for the passphrase of a key file when it is needed. */
export type Passphrase = (keyFile: string) => Promise<string>;

/**
 * Where a passphrase comes from: the first line of a file, else a terminal, which does not show it.
 * The answer throws FatalError PASSPHRASE_MISSING, and as `readPrivateFile`.
 */
export function passphraseFrom(file: string | undefined, signal: AbortSignal): Passphrase {
  return async (keyFile) => {
    if (file !== undefined) return readPassphrase(file);
    if (process.stdin.isTTY) return askPassphrase(`Passphrase of ${keyFile}: `, signal);
    return noPassphrase(keyFile);
  };
}

/** Knows none. */
export const noPassphrase: Passphrase = async (keyFile) => {
  throw new FatalError("PASSPHRASE_MISSING", `the key file ${keyFile} needs a passphrase`, {
    data: { keyFile },
    hint: "Give --passphrase-file FILE, or run this in a terminal.",
  });
};

/** A new passphrase, typed twice where it is typed. @throws as the one of `passphraseFrom`; FatalError PASSPHRASE_DIFFERS */
export async function newPassphrase(
  file: string | undefined,
  keyFile: string,
  signal: AbortSignal,
): Promise<string> {
  const first = await passphraseFrom(file, signal)(keyFile);
  if (file !== undefined || (await askPassphrase("Once more: ", signal)) === first) return first;
  throw new FatalError("PASSPHRASE_DIFFERS", "these are two passphrases", { hint: "Try again." });
}

async function readPassphrase(path: string): Promise<string> {
  const text = await readPrivateFile(path, { words: "passphrase file", code: "PASSPHRASE_FILE" });
  return required(text.split("\n", 1)[0].replace(/\r$/, ""));
}

async function askPassphrase(question: string, signal: AbortSignal): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    // After the terminal stopped echoing: who types fast would be shown otherwise.
    process.stderr.write(question);
    return required(await terminal.question("", { signal }));
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}

function required(passphrase: string): string {
  if (passphrase !== "") return passphrase;
  throw new FatalError("PASSPHRASE_MISSING", "the passphrase is empty", { hint: "Give one." });
}
