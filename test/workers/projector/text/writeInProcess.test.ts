import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { TextJob } from "../../../../workers/projector/text/textJob.ts";
import { writeInProcess } from "../../../../workers/projector/text/writeInProcess.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { writableRun } from "../../../support/writableRun.ts";

const never = new AbortController().signal;

/** Text by model, and the types of the other events. */
async function texts(job: TextJob) {
  const written = job.models.map(() => "");
  const types: string[] = [];
  for await (const event of writeInProcess(job, never)) {
    if (event.type === "text") written[event.model] += event.text;
    else types.push(event.type);
  }
  return { written, types };
}

test("writeInProcess, a saved state beside θ_0: each writes its own text, the same again for the same seed", async (t) => {
  const { job } = await writableRun(temporaryFolder(t));
  const both = { ...job(6, 0), tokens: 24 };
  const first = await texts(both);
  assert.deepEqual(first.types, ["start", "end"]);
  // A token is a byte: no text has more characters than tokens.
  for (const text of first.written) assert.ok(text.length > 0 && text.length <= 24, JSON.stringify(text));
  assert.notEqual(first.written[0], first.written[1]);
  assert.deepEqual(await texts(both), first);
  const alone = await texts({ ...both, models: both.models.slice(1) });
  assert.equal(alone.written[0], first.written[1]);
});

test("writeInProcess, a checkpoint's content: read from the store; with a block damaged or gone it is refused", async (t) => {
  const dir = temporaryFolder(t);
  const { job } = await writableRun(dir);
  assert.deepEqual((await texts(job(4))).types, ["start", "end"]);
  await rm(join(dir, "content"), { recursive: true });
  await assert.rejects(texts(job(4)), { code: "CONTENT_MISSING", retryable: true });
});

test("writeInProcess, content that is another state than attested: refused", async (t) => {
  const { job } = await writableRun(temporaryFolder(t));
  const [attested] = job(4).models;
  const [other] = job(2).models;
  const mixed = { ...job(4), models: [{ ...attested, from: other.from }] };
  await assert.rejects(texts(mixed), { code: "STATE_CONTENT_MISMATCH", retryable: false });
});

test("writeInProcess, a saved state with a changed byte, under another root, or gone: refused", async (t) => {
  const { job, folder } = await writableRun(temporaryFolder(t));
  const [saved] = job(6).models;
  const renamed = { ...job(6), models: [{ ...saved, stateRoot: `0x${"1".repeat(64)}` as const }] };
  await assert.rejects(texts(renamed), { code: "STATE_GONE", retryable: true });
  const path = join(folder, "state-6.bin");
  const bytes = await readFile(path);
  bytes[bytes.length - 1] ^= 1;
  await writeFile(path, bytes);
  await assert.rejects(texts(job(6)), { code: "STATE_GONE" });
  await rm(path);
  await assert.rejects(texts(job(6)), { code: "STATE_GONE" });
});

test("writeInProcess, aborted while it writes: ends with the reason, at once", async (t) => {
  const { job } = await writableRun(temporaryFolder(t));
  const ended = new AbortController();
  const writing = writeInProcess({ ...job(6), tokens: 1_000_000_000 }, ended.signal);
  await writing.next();
  await writing.next();
  ended.abort(new Error("enough"));
  await assert.rejects(
    async () => {
      for await (const _ of writing);
    },
    { message: "enough" },
  );
});

test("writeInProcess, a job that no process can read: fails with what it printed", async (t) => {
  const { job } = await writableRun(temporaryFolder(t));
  const broken = { ...job(6), model: undefined } as unknown as TextJob;
  await assert.rejects(texts(broken), (error: Error) => error.message.includes("TypeError"));
});
