import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { reporterOf, type SignedReport } from "../../../workers/protocol/metricReport.ts";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import type { MetricRow } from "../../../workers/runtime/metrics.ts";
import { Reporter } from "../../../workers/telemetry/reporter.ts";

const identity = { chainId: 31_337, registry: `0x${"12".repeat(20)}` } as const;
const url = new URL("http://127.0.0.1:1/anything");
const loss = (round: number): MetricRow => ({ type: "heldOutLoss", round, loss: 2 });

/** A reporter whose projector answers with `statuses`, the last one for ever; an Error is no answer. */
function bench(t: TestContext, ...statuses: readonly (number | Error)[]) {
  const hotkey = privateKeyToAccount(generatePrivateKey());
  const asked: { readonly path: string; readonly report: SignedReport }[] = [];
  // Time stands still but for the reporter's own pauses, which are cut short.
  const clock = {
    ...systemClock,
    sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms > 5_000 ? ms : ms / 50, signal),
  };
  const fetch = async (to: URL, init: RequestInit) => {
    const status = statuses[Math.min(asked.length, statuses.length - 1)];
    asked.push({ path: to.pathname, report: JSON.parse(String(init.body)) });
    if (status instanceof Error) throw status;
    return new Response("{}", { status });
  };
  const reporter = new Reporter({ url, identity, hotkey, fetch, clock, log: silentLog });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= reporter.close());
  t.after(close);
  const until = async (reached: () => boolean) => {
    for (let turn = 0; !reached(); turn++) {
      assert.ok(turn < 1_000, "waited in vain");
      await systemClock.sleep(5, new AbortController().signal);
    }
  };
  const roundsOf = ({ report }: (typeof asked)[number]) =>
    JSON.parse(report.rows).map(({ round }: { round: number }) => round);
  return { reporter, hotkey, asked, until, roundsOf, close };
}

test("Reporter, rows that a projector takes: signed by the hotkey, numbered upwards, each once; others stay", async (t) => {
  const { reporter, hotkey, asked, until, roundsOf } = bench(t, 200);
  reporter.record({ type: "roundLost", round: 1, code: "X" });
  reporter.record(loss(1));
  await until(() => asked.length === 1);
  reporter.record(loss(2));
  reporter.record(loss(3));
  await until(() => asked.flatMap(roundsOf).length === 3);
  assert.deepEqual(asked.flatMap(roundsOf), [1, 2, 3]);
  for (const { path, report } of asked) {
    assert.equal(path, "/api/reports");
    assert.equal(await reporterOf(identity, report), hotkey.address);
  }
  const numbers = asked.map(({ report }) => report.sequence);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
});

test("Reporter, a projector that is down: rows wait, the oldest give way to the newest, and all are told at last", async (t) => {
  const { reporter, asked, until, roundsOf } = bench(t, new Error("down"), 503, 200);
  for (let round = 0; round < 70; round++) reporter.record(loss(round));
  await until(() => asked.length === 3);
  assert.deepEqual(
    roundsOf(asked[2]),
    Array.from({ length: 64 }, (_, index) => index + 6),
  );
});

test("Reporter, refused: what was refused is not told again", async (t) => {
  const { reporter, asked, until, roundsOf } = bench(t, 400, 200);
  reporter.record(loss(1));
  await until(() => asked.length === 1);
  reporter.record(loss(2));
  await until(() => asked.length === 2);
  assert.deepEqual(roundsOf(asked[1]), [2]);
});

test("Reporter, closed: what waits is told once more", async (t) => {
  const { reporter, asked, until, roundsOf, close } = bench(t, new Error("down"), 200);
  reporter.record(loss(1));
  await until(() => asked.length === 1);
  await close();
  assert.deepEqual(asked.map(roundsOf), [[1], [1]]);
});
