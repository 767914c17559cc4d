import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";

const folder = new URL("../snapshots/", import.meta.url);

/**
 * Asserts that `found` is what the committed snapshot holds, so that a change shows in a diff and must be meant.
 * `WEFT_UPDATE_SNAPSHOTS=1` writes the file instead.
 */
export async function matchesSnapshot(name: string, found: unknown): Promise<void> {
  const file = new URL(`${name}.json`, folder);
  const text = `${JSON.stringify(found, null, 2)}\n`;
  if (process.env.WEFT_UPDATE_SNAPSHOTS === "1") {
    await writeFile(file, text);
    return;
  }
  const committed = JSON.parse(await readFile(file, "utf8"));
  assert.deepEqual(
    JSON.parse(text),
    committed,
    `test/snapshots/${name}.json differs: if that is meant, WEFT_UPDATE_SNAPSHOTS=1 npm test -- test/contracts/snapshots.test.ts`,
  );
}
