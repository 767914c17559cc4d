import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { explainVerb } from "../../scripts/tasks/explain.ts";
import { setIdentity } from "../../workers/chain/actions/setIdentity.ts";
import { signingRun } from "../../workers/chain/run.ts";
import type {
  ApiError,
  EpochsPage,
  Network,
  NeuronPage,
  NeuronsPage,
  RoundPage,
  RoundsPage,
  Status,
  WeightsPage,
} from "../../workers/projector/api.ts";
import type { ModelsPage } from "../../workers/projector/apiText.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import type { MetricRow } from "../../workers/runtime/metrics.ts";
import {
  type ProjectedNetwork,
  projectedNetwork,
  projectedRounds as rounds,
  sees,
} from "../support/projectedNetwork.ts";
import { startProjector } from "../support/projector.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { unattended } from "../support/verbBench.ts";

const dir = temporaryFolder({ after });
let network: ProjectedNetwork;
let live: ProjectedNetwork["live"];
let projector: ProjectedNetwork["projector"];

before(async () => {
  network = await projectedNetwork(dir);
  ({ live, projector } = network);
});
after(() => network?.close());

const page = <Page>(path: string): Promise<Page> => network.page<Page>(path);
const roundsPage = () => network.rounds();

test("status: synced, at the chain's head, with its round", async () => {
  const status = await page<Status>("status");
  assert.deepEqual([status.state, status.round, status.phase, status.epoch], ["synced", rounds, "commit", 2]);
  const last = live.follower.history.position?.blockNumber;
  assert.ok(last !== undefined && Number(last) <= (status.head?.number ?? 0));
  assert.equal(status.registry, live.contracts.addresses.registry);
});

test("network: model, participants, issuance", async () => {
  const network = await page<Network>("network");
  assert.deepEqual(network.clock, live.contracts.clock);
  assert.equal(network.participants.neurons, 5);
  assert.equal(network.participants.validators, 2);
  assert.ok(
    Number(network.issuance.issued) > 0 && Number(network.issuance.issued) < Number(network.issuance.cap),
  );
  assert.equal(network.training.denseBytes, 4 * network.model.parameters);
});

test("rounds: what the chain counts and workers reported; a replaced block counts once", async () => {
  const { history } = live.follower;
  const shown = await roundsPage();
  assert.deepEqual(
    shown.map(({ round }) => round),
    Array.from({ length: rounds + 1 }, (_, round) => round),
  );
  for (const { round, commits, reveals, attestations, bytes, heldOutLoss, seconds } of shown.slice(
    0,
    rounds,
  )) {
    const revealed = history.reveals(round);
    assert.deepEqual(
      [commits, reveals, attestations, bytes],
      [
        history.commits(round).length,
        revealed.length,
        history.attestations(round).length,
        revealed.reduce((sum, { size }) => sum + size, 0),
      ],
      `round ${round}`,
    );
    assert.ok((heldOutLoss ?? 0) > 1, `round ${round}: loss ${heldOutLoss}`);
    assert.ok((seconds?.train ?? 0) > 0, `round ${round}`);
  }
  const sums = shown.map((_, at) => shown.slice(0, at).reduce((sum, { reveals }) => sum + reveals, 0));
  assert.deepEqual(
    shown.map(({ revealsBefore }) => revealsBefore),
    sums,
  );
  const part = await page<RoundsPage>("rounds?from=2&to=3");
  assert.deepEqual(part.rounds, shown.slice(2, 4));
});

test("epochs: what a settlement minted, and to whom", async () => {
  const { epochs } = await page<EpochsPage>("epochs");
  assert.equal(epochs.length, 1);
  const [minted] = live.follower.history.settled.minted();
  const [{ epoch, minted: total, treasury, incentives, dividends, validators }] = epochs;
  assert.deepEqual(
    [epoch, total, treasury, validators],
    [0, weftJson(minted.total), weftJson(minted.treasury), 2],
  );
  assert.ok(Number(incentives) > 0 && Number(dividends) > 0);
});

test("neurons: as the metagraph has them; the honest earned, the copycat did not", async () => {
  const { neurons } = await page<NeuronsPage>("neurons");
  const { metagraph, settled } = live.follower.history;
  assert.deepEqual(
    neurons.map(({ uid, neuronId, hotkey }) => [uid, neuronId, hotkey]),
    metagraph.holders().map(({ uid, neuronId, hotkey }) => [uid, String(neuronId), hotkey]),
  );
  for (const { uid, neuronId, role, earned, stake, lastUpdate, score } of neurons) {
    const { incentive, dividend } = settled.earnings(BigInt(neuronId));
    assert.equal(earned, weftJson(incentive + dividend));
    assert.equal(stake, weftJson(metagraph.stake(BigInt(neuronId))));
    const participant = live.participants.find((one) => one.uid === uid);
    assert.equal(role, participant?.role);
    const isMiner = role === "miner";
    assert.deepEqual([lastUpdate, score === null], [isMiner ? rounds - 1 : null, !isMiner]);
    if (isMiner) assert.equal(Number(earned) > 0, participant?.behaviour === "honest", `uid ${uid}`);
  }
});

test("neurons: the name that an owner gave last, whatever is in it", async () => {
  const [{ coldkey, neuronId }] = live.participants;
  const signing = signingRun(live.contracts, coldkey, { clock: systemClock });
  const { signal } = new AbortController();
  for (const name of ["first", "<b>5n</b>", "5n"])
    await setIdentity(signing, neuronId, { name, url: "javascript:alert(1)" }, signal);
  await sees("the name", async () => {
    const { neurons } = await page<NeuronsPage>("neurons");
    const found = neurons.find((each) => each.neuronId === String(neuronId));
    return found?.name === "5n" && found.url === "javascript:alert(1)";
  });
});

/** Of each round, uids that were gathered for the state after it and are no part of it, as a worker computed it. */
function leftOutBy(name: string): ReadonlyMap<number, readonly number[]> {
  const lines = readFileSync(join(dir, "workers", name, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  const states = lines.map((line) => JSON.parse(line) as MetricRow).filter((row) => row.type === "state");
  return new Map(states.map(({ round, leftOut }) => [round - 1, leftOut]));
}

test("neuron: rounds with outcomes, epochs with pay; of a validator weights against consensus", async () => {
  const { neurons } = await page<NeuronsPage>("neurons");
  const copycat = live.participants.find(({ behaviour }) => behaviour === "copycat");
  const leftOut = leftOutBy("validator-1");
  for (const { uid, neuronId, role } of neurons) {
    const { rounds: shown, epochs, holds, neuron }: NeuronPage = await page(`neurons/${neuronId}`);
    assert.deepEqual([holds, neuron.uid, epochs.length], [true, uid, 1]);
    if (role === "validator") {
      const weights = epochs[0].weights ?? [];
      assert.ok(weights.length >= 2);
      assert.ok(Math.abs(weights.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9);
    } else {
      if (uid === copycat?.uid) assert.ok(shown.some(({ penalties }) => penalties.includes("copy")));
      else
        for (const { round, outcome } of shown.slice(1, rounds)) {
          const isLeftOut = leftOut.get(round)?.includes(uid) ?? assert.fail(`no state after ${round}`);
          assert.equal(outcome, isLeftOut ? "leftOut" : "gathered", `uid ${uid} in round ${round}`);
        }
      assert.deepEqual([epochs[0].weights, shown.at(-1)?.outcome], [null, "open"]);
    }
  }
});

test("round: each update with its checks, and copies as pairs", async () => {
  const { updates, attestations, copies, over, heldOutLoss }: RoundPage = await page("rounds/3");
  const copycat = live.participants.find(({ behaviour }) => behaviour === "copycat");
  assert.deepEqual([updates.length, attestations.length, over], [3, 2, true]);
  assert.ok((heldOutLoss.after ?? 9) < (heldOutLoss.before ?? 0));
  for (const { uid, evaluations, attestedShare, bytes } of updates) {
    assert.equal(evaluations.length, 2, `uid ${uid}`);
    assert.ok(attestedShare > 0.5 && bytes > 0);
  }
  assert.deepEqual(new Set(copies.map(({ uid }) => uid)), new Set([copycat?.uid]));
});

test("weights of an epoch: rows as revealed, and the consensus", async () => {
  const { settled, rows, uids, consensus }: WeightsPage = await page("epochs/0/weights");
  assert.deepEqual([settled, rows.length, uids.length, consensus?.length], [true, 2, 5, 5]);
  const { settled: unsettled, consensus: none }: WeightsPage = await page("epochs/2/weights");
  assert.deepEqual([unsettled, none], [false, null]);
});

test("receipt: the same that explain prints", async () => {
  const { neurons } = await page<NeuronsPage>("neurons");
  const { rpcUrl } = live.optionsOf(live.participants[0]);
  const { registry } = live.contracts.addresses;
  const location = { dir, rpc: rpcUrl, registry, store: join(dir, "content"), json: false };
  for (const { uid, neuronId } of neurons) {
    const receipt = await page<Record<string, unknown>>(`neurons/${neuronId}/receipts/0`);
    const explained = await explainVerb({ ...location, uid: String(uid), epoch: "0" }, unattended);
    assert.deepEqual(receipt, JSON.parse(JSON.stringify(explained.json)), `uid ${uid}`);
  }
});

test("models: θ_0 and the validator's newest state, with its root and loss", async () => {
  const { models }: ModelsPage = await page("models");
  const [newest] = models;
  const { root } = live.run.manifest.genesisState;
  assert.deepEqual([models.at(-1)?.round, models.at(-1)?.stateRoot, newest.source], [0, root, "saved"]);
  assert.equal(newest.round, rounds);
  assert.equal(newest.heldOutLoss, (await roundsPage()).at(-1)?.heldOutLoss);
  assert.ok((newest.heldOutLoss ?? 9) < (models.at(-1)?.heldOutLoss ?? 0));
});

test("text: written by the newest state and by θ_0, differently; the same again for the same request", async () => {
  const { models }: ModelsPage = await page("models");
  const roots = [models[0], models[models.length - 1]].map(({ stateRoot }) => stateRoot);
  const request = { models: roots, prompt: "The ", tokens: 40, temperature: 0.7, topP: 0.95, seed: 1 };
  const write = async () => {
    const response = await fetch(new URL("/api/text", projector.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    assert.equal(response.status, 200);
    const texts = ["", ""];
    for (const [, data] of (await response.text()).matchAll(/^event: text\ndata: (.*)$/gm)) {
      const { model, text } = JSON.parse(data);
      texts[model] += text;
    }
    return texts;
  };
  const texts = await write();
  assert.ok(texts.every((text) => text.length >= 10));
  assert.notEqual(texts[0], texts[1]);
  assert.deepEqual(await write(), texts);
});

test("from cold, another projector: every answer from the chain is the same", async () => {
  const cold = await startProjector(live.run, join(dir, "cold"));
  try {
    await sees("the head", async () => (await cold.ask<Status>("status")).body.state === "synced");
    for (const path of ["network", "epochs", "epochs/0/weights", "neurons/1/receipts/0"])
      assert.deepEqual((await cold.ask(path)).body, await page(path), path);
    const counts = ({ rounds: all }: RoundsPage) =>
      all.map(({ heldOutLoss: _, trainLoss: __, seconds: ___, ...counted }) => counted);
    assert.deepEqual(counts((await cold.ask<RoundsPage>("rounds")).body), counts(await page("rounds")));
  } finally {
    await cold.close();
  }
});

test("events: the status now, and again with the next block", async () => {
  const response = await fetch(new URL("/api/events", projector.url));
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader !== undefined);
  const heads: number[] = [];
  let text = "";
  await live.mine();
  while (new Set(heads).size < 2) {
    const { value, done } = await reader.read();
    assert.equal(done, false);
    text += value;
    for (const [, data] of text.matchAll(/^data: (.*)$/gm)) heads.push(JSON.parse(data).head.number);
    if (new Set(heads).size < 2) await live.mine();
  }
  await reader.cancel();
});

test("bad requests: a code and what to do, never a failure", async () => {
  for (const [path, status, code] of [
    ["nothing", 404, "UNKNOWN_PATH"],
    ["neurons/99", 404, "UNKNOWN_NEURON"],
    ["neurons/-1", 400, "NUMBER_INVALID"],
    ["neurons/%3Cb%3E", 400, "NUMBER_INVALID"],
    ["rounds/99", 404, "UNKNOWN_ROUND"],
    ["rounds?from=x", 400, "NUMBER_INVALID"],
    ["epochs/99/weights", 404, "UNKNOWN_EPOCH"],
    ["neurons/1/receipts/99", 404, "UNKNOWN_EPOCH"],
    [`neurons/${"9".repeat(40)}`, 400, "NUMBER_INVALID"],
  ] as const) {
    const { status: given, body, headers } = await projector.ask<ApiError>(path);
    assert.deepEqual([given, body.code], [status, code], path);
    assert.ok((body.hint ?? "").length > 0);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'self'/);
  }
});

test("health and metrics: synced, with what was taken in", async () => {
  const health = await fetch(new URL("/healthz", projector.url));
  assert.deepEqual([health.status, JSON.parse(await health.text()).status], [200, "synced"]);
  const text = await (await fetch(new URL("/metrics", projector.url))).text();
  for (const name of [
    "weft_chain_round",
    "weft_projected_block",
    "weft_projected_events",
    "weft_projected_reports",
  ])
    assert.match(text, new RegExp(`^${name}{worker="projector"} [1-9]`, "m"), name);
});
