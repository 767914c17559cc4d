import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Hex } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { Projection } from "../../../workers/projector/projection.ts";
import { parseReport, takeReport } from "../../../workers/projector/reports.ts";
import { reportTypedData } from "../../../workers/protocol/metricReport.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { clock, EventScript } from "../protocol/eventScript.ts";

const identity = { chainId: 31_337, registry: `0x${"12".repeat(20)}` } as const;
const loss = { type: "heldOutLoss", round: 3, loss: 2.5 };

function bench(t: TestContext) {
  const projection = new Projection(join(temporaryFolder(t), "projection.sqlite"));
  t.after(() => projection.close());
  const hotkey = privateKeyToAccount(generatePrivateKey());
  const replaced = privateKeyToAccount(generatePrivateKey());
  const history = new RunHistory(clock);
  const script = new EventScript().at(900);
  register(script, replaced.address, 1n, 0n);
  register(script.at(901), hotkey.address, 2n, 1n);
  history.apply(script.events);
  const { metagraph } = history;
  const take = (body: unknown, round: number | undefined = 3) =>
    takeReport({ projection, identity, metagraph, round }, body);
  return { projection, hotkey, replaced, take };
}

function register(script: EventScript, hotkey: Hex, neuronId: bigint, replacedNeuronId: bigint): void {
  const coldkey = hotkey;
  script.add({
    type: "Registered",
    neuronId,
    uid: 0,
    hotkey,
    coldkey,
    replacedNeuronId,
    epoch: 0,
    burned: 1n,
  });
}

async function signed(
  hotkey: PrivateKeyAccount,
  rows: unknown,
  sequence = 1,
  registry: Hex = identity.registry,
) {
  const report = { sequence, rows: typeof rows === "string" ? rows : JSON.stringify(rows) };
  const signature = await hotkey.signTypedData(reportTypedData({ ...identity, registry }, report));
  return { ...report, signature };
}

test("takeReport, of who holds a uid: every kind of row is kept as it was", async (t) => {
  const { projection, hotkey, take } = bench(t);
  const rows = [
    loss,
    { type: "state", round: 3, root: `0x${"ab".repeat(32)}`, gathered: [1, 2], leftOut: [2] },
    { type: "round", round: 2, trainLoss: 3.5, updateBytes: 6_000, seconds: { train: 1.5, idle: 0 } },
    {
      type: "evaluation",
      round: 1,
      scores: [
        {
          uid: 0,
          score: 27,
          penalties: [],
          losses: { own: { before: 5, after: 4 }, random: { before: 5, after: 4 } },
        },
        { uid: 1, score: 0, penalties: [{ reason: "copy", factor: 0 }], losses: null, copyOf: "2" },
      ],
    },
  ];
  assert.equal(await take(await signed(hotkey, rows)), 4);
  for (const row of rows) {
    const [stored] = projection.reports.ofType(row.type, 0, 9);
    assert.deepEqual([stored.neuronId, parseReport(stored.row)], [2n, row]);
  }
});

test("takeReport, foreign: unsigned, of a stranger, of who lost its uid, of another run, played again", async (t) => {
  const { hotkey, replaced, take } = bench(t);
  const refused = (body: unknown, code: string, status: number) =>
    assert.rejects(take(body), { name: "Refusal", code, status });
  const good = await signed(hotkey, [loss]);
  await refused({ ...good, signature: `0x${"00".repeat(65)}` }, "REPORT_UNSIGNED", 401);
  await refused({ ...good, rows: JSON.stringify([{ ...loss, loss: 1 }]) }, "REPORT_FOREIGN", 403);
  await refused({ ...good, sequence: 2 }, "REPORT_FOREIGN", 403);
  await refused(await signed(privateKeyToAccount(generatePrivateKey()), [loss]), "REPORT_FOREIGN", 403);
  await refused(await signed(replaced, [loss]), "REPORT_FOREIGN", 403);
  await refused(await signed(hotkey, [loss], 1, `0x${"34".repeat(20)}`), "REPORT_FOREIGN", 403);
  assert.equal(await take(good), 1);
  await refused(good, "REPORT_REPLAYED", 409);
});

test("takeReport, malformed: REPORT_MALFORMED, and nothing is kept", async (t) => {
  const { projection, hotkey, take } = bench(t);
  const good = await signed(hotkey, [loss]);
  const rowsOf = async (rows: unknown) => signed(hotkey, rows);
  const bodies: unknown[] = [
    null,
    [],
    "report",
    { ...good, extra: 1 },
    { ...good, sequence: -1 },
    { ...good, sequence: 1.5 },
    { ...good, signature: "0x" },
    { ...good, signature: 7 },
    { ...good, rows: 7 },
    await rowsOf("not JSON"),
    await rowsOf([]),
    await rowsOf({}),
    await rowsOf([loss, { type: "unknown", round: 1 }]),
    await rowsOf([{ ...loss, loss: "2.5" }]),
    await rowsOf([{ ...loss, loss: null }]),
    await rowsOf('[{"type":"heldOutLoss","round":3,"loss":1e999}]'),
    await rowsOf([{ ...loss, round: -1 }]),
    await rowsOf([{ ...loss, round: 5 }]),
    await rowsOf([{ ...loss, more: "<script>" }]),
    await rowsOf([{ type: "state", round: 1, root: "x".repeat(81), gathered: [] }]),
    await rowsOf(Array.from({ length: 65 }, () => loss)),
  ];
  for (const [index, body] of bodies.entries())
    await assert.rejects(take(body), { code: "REPORT_MALFORMED", status: 400 }, `body ${index}`);
  assert.deepEqual(projection.reports.ofType("heldOutLoss", 0, 9), []);
});
