import { readFile, stat } from "node:fs/promises";
import { FatalError } from "../protocol/errors.ts";
import { systemErrorCode } from "./files.ts";

const GROUP_OR_OTHERS = 0o077;

/** What a file is called in errors, and what their codes begin with. */
export interface PrivateFileKind {
  readonly words: string;
  readonly code: "KEY_FILE" | "PASSPHRASE_FILE";
}

/**
 * The text of a file that nobody but its owner may read.
 * @throws FatalError …_MISSING, …_UNREADABLE, …_EXPOSED (group or others may read it), after the kind's code
 */
export async function readPrivateFile(path: string, { words, code }: PrivateFileKind): Promise<string> {
  let mode: number;
  let text: string;
  try {
    mode = (await stat(path)).mode;
    text = await readFile(path, "utf8");
  } catch (cause) {
    const reason = systemErrorCode(cause);
    if (reason === "ENOENT") {
      throw new FatalError(`${code}_MISSING`, `there is no ${words} at ${path}`, {
        data: { path },
        hint: `Name an existing ${words}, or create one first.`,
      });
    }
    throw new FatalError(`${code}_UNREADABLE`, `cannot read the ${words} ${path} (${reason})`, {
      data: { path, reason },
      hint: "Check its owner and permissions.",
    });
  }
  // Windows keeps no such bits: every file looks world-readable there.
  if (process.platform !== "win32" && (mode & GROUP_OR_OTHERS) !== 0) {
    const bits = (mode & 0o777).toString(8);
    throw new FatalError(`${code}_EXPOSED`, `other users may read the ${words} ${path} (mode ${bits})`, {
      data: { path, mode: bits },
      hint: `Run: chmod 600 ${path}`,
    });
  }
  return text;
}
