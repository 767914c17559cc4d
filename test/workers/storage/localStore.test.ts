import assert from "node:assert/strict";
import { readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { it } from "node:test";
import type { ContentRef } from "../../../workers/storage/contentStore.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { contentStoreCompliance } from "../../support/contentStoreCompliance.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

function rootFile(directory: string, ref: ContentRef): string {
  const name = ref.digest.slice(2);
  const folder = path.join(directory, name.slice(0, 2));
  const file = readdirSync(folder).find((entry) => entry.startsWith(name));
  assert.ok(file, `root block of ${ref.cid}`);
  return path.join(folder, file);
}

contentStoreCompliance("local", async (test) => {
  const directory = temporaryFolder(test);
  return {
    store: await LocalStore.open(directory),
    reopen: () => LocalStore.open(directory),
    damage: async (ref) => truncateSync(rootFile(directory, ref), 7),
    remove: async (ref) => rmSync(rootFile(directory, ref)),
  };
});

it("LocalStore.open, a path that is a file, is STORE_UNWRITABLE and fatal", async (test) => {
  const file = path.join(temporaryFolder(test), "file");
  writeFileSync(file, "");
  await assert.rejects(
    LocalStore.open(file),
    (error) => error instanceof StoreError && error.code === "STORE_UNWRITABLE" && !error.retryable,
  );
});
