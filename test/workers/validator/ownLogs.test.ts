import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OwnLogs } from "../../../workers/validator/ownLogs.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("OwnLogs.forgetBefore, logs of many epochs and a file of somebody else: the last sixteen and that file stay", async (t) => {
  const folder = join(temporaryFolder(t), "logs");
  const logs = new OwnLogs(folder);
  await logs.forgetBefore(100);
  for (let epoch = 0; epoch <= 20; epoch++) await logs.write(epoch, Buffer.from(`log ${epoch}`));
  writeFileSync(join(folder, "notes.txt"), "mine");
  await logs.forgetBefore(20);
  const kept = Array.from({ length: 16 }, (_, index) => `epoch-${5 + index}.json`);
  assert.deepEqual(readdirSync(folder).sort(), [...kept, "notes.txt"].sort());
  assert.equal(Buffer.from(await logs.read(5)).toString(), "log 5");
  await assert.rejects(logs.read(4), { code: "ENOENT" });
});
