import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MetricsTail } from "../../../scripts/localnet/metricsTail.ts";
import { openMetrics } from "../../../workers/runtime/metrics.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("MetricsTail, a file that comes late and grows: each row once", (t) => {
  const path = join(temporaryFolder(t), "worker", "metrics.jsonl");
  const tail = new MetricsTail(path);
  assert.deepEqual(tail.read(), []);
  const metrics = openMetrics(path);
  const sent = { type: "transaction", action: "stake", gasUsed: 7n, feeWei: 14n, waitedSeconds: 1 } as const;
  const loss = { type: "heldOutLoss", round: 1, loss: 2.5 } as const;
  metrics.record(sent);
  metrics.record(loss);
  assert.deepEqual(tail.read(), [{ ...sent, gasUsed: "7", feeWei: "14" }, loss]);
  assert.deepEqual(tail.read(), []);
  metrics.record({ ...loss, round: 2 });
  assert.deepEqual(tail.read(), [{ ...loss, round: 2 }]);
});

test("MetricsTail, a row written in pieces, between the bytes of a letter too: whole once its end is there", (t) => {
  const path = join(temporaryFolder(t), "metrics.jsonl");
  const tail = new MetricsTail(path);
  const bytes = Buffer.from('{"type":"ü","x":1}\n{"type":"b"}\n');
  const seen: unknown[] = [];
  for (const byte of bytes) {
    appendFileSync(path, Buffer.of(byte));
    seen.push(...tail.read());
  }
  assert.deepEqual(seen, [{ type: "ü", x: 1 }, { type: "b" }]);
});
