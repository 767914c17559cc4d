import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { acceptVerb } from "../../../scripts/tasks/accept.ts";
import { fundVerb } from "../../../scripts/tasks/fund.ts";
import { identityVerb } from "../../../scripts/tasks/identity.ts";
import { keyFilePath, namedKey } from "../../../scripts/tasks/keys.ts";
import { powersVerb } from "../../../scripts/tasks/powers.ts";
import { registerVerb } from "../../../scripts/tasks/register.ts";
import { releaseVerb } from "../../../scripts/tasks/release.ts";
import { rotateVerb } from "../../../scripts/tasks/rotate.ts";
import { takeVerb } from "../../../scripts/tasks/take.ts";
import { transferVerb } from "../../../scripts/tasks/transfer.ts";
import { runAbis } from "../../support/deployedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

describe("what a neuron's owner does", () => {
  let bench: VerbBench;
  const dir = temporaryFolder({ after });
  const options = { dir, json: false, as: "olga" };
  const metagraph = () => ({ address: bench.chain.contracts.metagraph, abi: runAbis.metagraph }) as const;

  before(async () => {
    bench = await verbBench(dir);
    const { json } = await registerVerb(options, bench.context);
    assert.equal(json.locked, "0.5");
  });

  it("release, before anything was earned, CONTRACT_REVERT NothingUnlocked", async () => {
    await rejectsWith(releaseVerb(options, bench.context), "CONTRACT_REVERT", "NothingUnlocked");
  });

  it("take, lower holds at once and higher is announced", async () => {
    const lower = await takeVerb({ ...options, percent: "12.5", apply: false }, bench.context);
    assert.deepEqual([lower.json.takeBps, lower.json.fromEpoch], [1250, null]);
    const higher = await takeVerb({ ...options, percent: "13", apply: false }, bench.context);
    assert.deepEqual([higher.json.takeBps, higher.json.fromEpoch], [1300, 3]);
    await rejectsWith(takeVerb({ ...options, apply: true }, bench.context), "CONTRACT_REVERT", "TakeNotDue");
  });

  it("take, no percentage or one above the maximum, refused", async () => {
    for (const percent of [undefined, "", "abc", "1.234", "-1"]) {
      await rejectsWith(takeVerb({ ...options, percent, apply: false }, bench.context), "PERCENT_INVALID");
    }
    const tooHigh = takeVerb({ ...options, percent: "18.01", apply: false }, bench.context);
    await rejectsWith(tooHigh, "CONTRACT_REVERT", "ParameterOutOfBounds");
  });

  it("rotate, a new key serves the neuron and the old file is kept", async () => {
    const before = await namedKey({ dir }, "olga", "hotkey", bench.context, "refuse");
    const { json } = await rotateVerb(options, bench.context);
    const now = await namedKey({ dir }, "olga", "hotkey", bench.context, "refuse");
    assert.equal(json.retired, before.address);
    assert.equal(json.hotkey, now.address);
    assert.notEqual(now.address, before.address);
    const [neuronId] = await bench.chain.client.readContract({
      ...metagraph(),
      functionName: "neuronOfHotkey",
      args: [now.address],
    });
    assert.equal(String(neuronId), json.neuronId);
    const retired = keyFilePath(dir, "olga", "hotkey").replace(/\.json$/, `-until-block-${json.block}.json`);
    assert.ok((await readFile(retired, "utf8")).length > 0);
    await rejectsWith(rotateVerb({ dir, json: false }, bench.context), "NO_IDENTITY");
  });

  it("rotate, a name whose hotkey serves another neuron, KEY_NAME_TAKEN and nothing sent", async () => {
    await registerVerb({ ...options, as: "otto" }, bench.context);
    const before = await namedKey({ dir }, "otto", "hotkey", bench.context, "refuse");
    const taken = rotateVerb({ ...options, as: "otto", neuron: "1" }, bench.context);
    await rejectsWith(taken, "KEY_NAME_TAKEN");
    assert.equal(
      (await namedKey({ dir }, "otto", "hotkey", bench.context, "refuse")).address,
      before.address,
    );
  });

  it("identity, set in parts, what is not given stays", async () => {
    await fundVerb({ ...options, coin: "1" }, bench.context);
    const none = await identityVerb(options, bench.context);
    assert.deepEqual([none.json.name, none.json.url, none.json.endpoint], ["", "", ""]);
    await identityVerb(
      { ...options, name: "Olga\u202e", endpoint: "/ip4/192.0.2.1/tcp/4001" },
      bench.context,
    );
    const { json, lines } = await identityVerb({ ...options, url: "https://olga.example" }, bench.context);
    assert.deepEqual([json.name, json.url], ["Olga\u202e", "https://olga.example"]);
    assert.equal(json.endpoint, "/ip4/192.0.2.1/tcp/4001");
    const { transactions: _, ...said } = json;
    const { transactions, ...read } = (await identityVerb(options, bench.context)).json;
    assert.deepEqual([read, transactions], [said, []]);
    assert.ok(lines.some((line) => line.endsWith("Olga?")));
    await rejectsWith(
      identityVerb({ ...options, name: "ä".repeat(33) }, bench.context),
      "CONTRACT_REVERT",
      "TextTooLong",
    );
    await rejectsWith(
      identityVerb({ ...options, as: "otto", neuron: "1", name: "Otto" }, bench.context),
      "CONTRACT_REVERT",
      "NotColdkey",
    );
  });

  it("transfer, offered and accepted, the new owner rotates the hotkey to one of its own", async () => {
    const heir = await namedKey({ dir }, "hanna", "coldkey", bench.context, "create");
    await fundVerb({ ...options, as: undefined, to: heir.address, coin: "1" }, bench.context);
    await rejectsWith(transferVerb(options, bench.context), "RECEIVER_MISSING");
    await rejectsWith(transferVerb({ ...options, to: "hanna" }, bench.context), "ADDRESS_INVALID");
    const { json } = await transferVerb({ ...options, to: heir.address }, bench.context);
    assert.equal(json.offeredTo, heir.address);
    const theirs = { ...options, as: "hanna", neuron: String(json.neuronId) };
    await rejectsWith(acceptVerb({ ...options, as: "hanna" }, bench.context), "NEURON_MISSING");
    await rejectsWith(acceptVerb({ ...theirs, as: "otto" }, bench.context), "CONTRACT_REVERT", "NotOffered");
    assert.equal((await acceptVerb(theirs, bench.context)).json.coldkey, heir.address);
    const olgas = await namedKey({ dir }, "olga", "hotkey", bench.context, "refuse");
    const rotated = await rotateVerb(theirs, bench.context);
    assert.equal(rotated.json.retired, olgas.address);
    assert.equal(
      rotated.json.hotkey,
      (await namedKey({ dir }, "hanna", "hotkey", bench.context, "refuse")).address,
    );
    await rejectsWith(
      transferVerb({ ...options, neuron: theirs.neuron, to: heir.address }, bench.context),
      "CONTRACT_REVERT",
      "NotColdkey",
    );
  });

  it("powers, of a run that was handed over, names no key", async () => {
    const { lines, json } = await powersVerb(options, bench.context);
    assert.match(lines.at(-1) ?? "", /no single key holds any power/);
    assert.equal(Array.isArray(json.powers) && json.powers.length, 8);
  });
});
