import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { modelRows, writableModels } from "../../../../workers/projector/text/textModels.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { writableRun } from "../../../support/writableRun.ts";

test("writableModels: newest first; of a round what is attested; nothing saved for a round to come", async (t) => {
  const { models } = await writableRun(temporaryFolder(t));
  assert.deepEqual(
    models.map(({ round, source }) => [round, source]),
    [
      [6, "saved"],
      [4, "checkpoint"],
      [2, "checkpoint"],
      [0, "start"],
    ],
  );
  assert.equal(new Set(models.map(({ stateRoot }) => stateRoot)).size, 4);
});

test("writableModels, a file that is no state, and a folder that is not there: left out", async (t) => {
  const dir = temporaryFolder(t);
  const { projected, folder } = await writableRun(dir);
  await writeFile(join(folder, "state-6.bin"), "no state");
  await writeFile(join(folder, "state-5.bin"), Buffer.alloc(200, 0xff));
  const models = await writableModels(projected, [folder, join(dir, "nowhere")]);
  assert.deepEqual(
    models.map(({ round }) => round),
    [4, 2, 0],
  );
});

test("modelRows: with the median of the reported losses, null where nobody reported", async (t) => {
  const { projected, folder } = await writableRun(temporaryFolder(t));
  const rows = await modelRows(projected, [folder]);
  assert.deepEqual(
    rows.map(({ heldOutLoss }) => heldOutLoss),
    [2.75, null, null, null],
  );
});
