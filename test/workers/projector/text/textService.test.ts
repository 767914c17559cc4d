import assert from "node:assert/strict";
import { test } from "node:test";
import type { TextEvent } from "../../../../workers/projector/apiText.ts";
import type { TextJob, WriteText } from "../../../../workers/projector/text/textJob.ts";
import { textLimits } from "../../../../workers/projector/text/textRequest.ts";
import { TextService } from "../../../../workers/projector/text/textService.ts";
import { ManualClock } from "../../../support/ManualClock.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { writableRun } from "../../../support/writableRun.ts";

const never = new AbortController().signal;

/** A service on the writable run, whose writers wait until they are aborted or told to end. */
async function bench(t: Parameters<typeof temporaryFolder>[0], memoryBytes = 1e9) {
  const run = await writableRun(temporaryFolder(t));
  const clock = new ManualClock();
  const closing = new AbortController();
  const jobs: TextJob[] = [];
  const end = Promise.withResolvers<void>();
  let alive = 0;
  const write: WriteText = async function* (job, signal) {
    jobs.push(job);
    alive += 1;
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => undefined);
    signal.addEventListener("abort", () => aborted.reject(signal.reason));
    try {
      yield { type: "start" };
      await Promise.race([end.promise, aborted.promise]);
      yield { type: "end" };
    } finally {
      alive -= 1;
    }
  };
  const service = new TextService({
    ...{ folders: [run.folder], store: run.settings, write, clock, memoryBytes },
    signal: closing.signal,
  });
  return { ...run, service, clock, closing, jobs, end, alive: () => alive };
}

test("TextService, a request: its models as they can be had, and the events of the writer", async (t) => {
  const { service, projected, request, jobs, end, models, folder } = await bench(t);
  end.resolve();
  const events: TextEvent[] = [];
  for await (const event of service.write(projected, request(6, 0), never)) events.push(event);
  assert.deepEqual(events, [{ type: "start" }, { type: "end" }]);
  assert.deepEqual(jobs[0].models, [models[0], models[3]]);
  assert.deepEqual(jobs[0].models[0].from, { folder });
});

test("TextService, models: rows and limits", async (t) => {
  const { service, projected } = await bench(t);
  const { models, limits } = await service.models(projected);
  assert.equal(models.length, 4);
  assert.deepEqual(limits, textLimits);
});

test("TextService, while a text is written: refuses another, and takes it afterwards", async (t) => {
  const { service, projected, request, end } = await bench(t);
  const first = service.write(projected, request(6), never);
  await first.next();
  await assert.rejects(service.write(projected, request(0), never).next(), {
    code: "TEXT_BUSY",
    status: 503,
  });
  end.resolve();
  for await (const _ of first);
  const second = service.write(projected, request(0), never);
  assert.deepEqual(await second.next(), { done: false, value: { type: "start" } });
  await second.return();
});

test("TextService, two at the same moment: one is refused", async (t) => {
  const { service, projected, request, jobs, end } = await bench(t);
  end.resolve();
  const started = [6, 0].map((round) => service.write(projected, request(round), never).next());
  const outcomes = await Promise.allSettled(started);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
  assert.equal(jobs.length, 1);
});

test("TextService, the reader goes, the projector closes, or the time is over: the writer ends and the next is taken", async (t) => {
  const { service, projected, request, clock, closing, alive } = await bench(t);
  const reader = new AbortController();
  const read = service.write(projected, request(6), reader.signal);
  await read.next();
  const gone = read.next();
  reader.abort(new Error("gone"));
  await assert.rejects(gone, { message: "gone" });
  assert.equal(alive(), 0);

  const slow = service.write(projected, request(6), never);
  await slow.next();
  const late = slow.next();
  late.catch(() => undefined);
  await clock.advance(60_000);
  await assert.rejects(late, { code: "TEXT_TIMEOUT", retryable: true });
  assert.deepEqual([alive(), clock.sleepers], [0, 0]);

  const last = service.write(projected, request(6), never);
  await last.next();
  const closed = last.next();
  closing.abort(new Error("closing"));
  await assert.rejects(closed, { message: "closing" });
  assert.deepEqual([alive(), clock.sleepers], [0, 0]);
});

test("TextService, a root that is not offered, a bad request, a model beyond memory: refused, nobody writes", async (t) => {
  const { service, projected, request, jobs } = await bench(t);
  const unknown = { ...request(6), models: [`0x${"0".repeat(64)}`] };
  await assert.rejects(service.write(projected, unknown, never).next(), {
    code: "UNKNOWN_MODEL",
    status: 404,
  });
  const malformed = { ...request(6), tokens: 0 };
  await assert.rejects(service.write(projected, malformed, never).next(), { code: "TEXT_MALFORMED" });
  const small = await bench(t, 1000);
  await assert.rejects(small.service.write(small.projected, request(6), never).next(), {
    code: "MODEL_TOO_LARGE",
  });
  assert.deepEqual([jobs.length, small.jobs.length], [0, 0]);
});
