import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

/** A fresh folder that goes away with the test. */
export function temporaryFolder(test: Pick<TestContext, "after">): string {
  const folder = mkdtempSync(path.join(tmpdir(), "weft-test-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
