import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A fresh folder that goes away with the test or suite whose `after` is given. */
export function temporaryFolder(test: { after(work: () => void): unknown }): string {
  const folder = mkdtempSync(path.join(tmpdir(), "weft-test-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
