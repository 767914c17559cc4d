import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Visit } from "../support/dashboardBrowser.ts";
import { FixtureDashboard, withoutBrowser } from "../support/fixtureDashboard.ts";
import * as run from "../support/fixtureRun.ts";

/** Gzipped script of a first visit. */
const scriptBudget = 150_000;
const mostShift = 0.02;

/** Each page with a text that stands on it once its figures are there. */
const pages = [
  { name: "network", hash: "#/", text: "1 050 840.12 of 21.0 M WEFT" },
  { name: "metagraph", hash: "#/metagraph", text: "repeats another update" },
  { name: "miner", hash: "#/neuron/1", text: "Adds up exactly" },
  { name: "validator", hash: "#/neuron/8/12", text: "Weights against consensus" },
  { name: "round", hash: "#/round/41", text: "Point at a cell" },
  { name: "text", hash: "#/text", text: "Nothing is written yet" },
  { name: "stake", hash: "#/stake/7", text: "No wallet answers in this browser" },
];

describe("the dashboard in a browser", { skip: withoutBrowser }, () => {
  const dashboard = new FixtureDashboard();

  const open = (hash: string, options = {}) => dashboard.open(hash, options);
  const shows = async ({ page }: Visit, text: string) => {
    await page
      .getByText(text.replaceAll(/(?<=\d) (?=[\dM])/g, "\u202f"))
      .first()
      .waitFor();
  };

  for (const { name, hash, text } of pages) {
    for (const look of [{ scheme: "light" }, { scheme: "dark" }, { scheme: "light", width: 390 }] as const) {
      it(`${name}, ${look.scheme}, ${"width" in look ? "phone" : "desk"}: content, no error, accessible, still`, async () => {
        const visited = await open(hash, look);
        await shows(visited, text);
        assert.deepEqual(visited.errors, []);
        assert.deepEqual(await visited.violations(), []);
        const shift = await visited.shift();
        assert.ok(shift <= mostShift, `layout shift ${shift}`);
        const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert.equal(await visited.page.evaluate(overflow), 0, "the page itself does not scroll sideways");
        await visited.close();
      });
    }
  }

  it("first visit: script within the budget, and without the wallet's part", async () => {
    const visited = await open("#/");
    await shows(visited, pages[0].text);
    const first = [...visited.scripts.values()].reduce((sum, size) => sum + size, 0);
    assert.ok(first > 10_000 && first <= scriptBudget, `${first} bytes`);
    assert.ok(![...visited.scripts.keys()].some((url) => url.includes("Stake")));
    await visited.close();
  });

  it("axis switch by keyboard: the curve's x becomes hours", async () => {
    const visited = await open("#/");
    await visited.page.getByRole("radio", { name: "Rounds" }).focus();
    await visited.page.keyboard.press("ArrowLeft");
    await visited.page.getByRole("radio", { name: "Hours", checked: true }).waitFor();
    await shows(visited, "0.26 h");
    await visited.close();
  });

  it("metagraph: sorts by a column's head, filters, links to the neuron", async () => {
    const visited = await open("#/metagraph");
    const { page } = visited;
    const firstRow = page.locator("tbody tr").first();
    const stake = page.getByRole("columnheader", { name: "Stake" });
    await stake.getByRole("button").focus();
    await page.keyboard.press("Enter");
    assert.equal(await stake.getAttribute("aria-sort"), "descending");
    assert.match(await firstRow.innerText(), /validator\s+10\u202f000\.00/);
    await page.getByRole("searchbox").fill("repeats");
    await page.getByText("1 of 8").waitFor();
    await firstRow.getByRole("link").first().click();
    await page.getByRole("heading", { name: "Neuron 5" }).waitFor();
    await visited.close();
  });

  it("receipt whose total is one wei off: says so", async () => {
    const path = "/api/neurons/1/receipts/13";
    const answer = await fetch(`${dashboard.projector.url.slice(0, -1)}${path}`);
    const receipt = (await answer.json()) as { pay: { total: string } };
    const last = Number(receipt.pay.total.at(-1));
    receipt.pay.total = `${receipt.pay.total.slice(0, -1)}${(last + 1) % 10}`;
    dashboard.projector.answer(path, receipt);
    const visited = await open("#/neuron/1/13");
    await shows(visited, "Does not add up: total.");
    dashboard.projector.answer(path, undefined);
    await visited.close();
  });

  it("checks of the update that is chosen: of each validator", async () => {
    const visited = await open("#/round/41");
    await visited.page.getByLabel("Update of").selectOption("uid 4");
    const rows = visited.page.getByRole("region", { name: "Checks" }).locator("tbody tr");
    await rows.first().getByText("repeats another update").waitFor();
    assert.equal(await rows.count(), 2);
    assert.equal(await rows.getByText("not measured").count(), 4);
    await visited.close();
  });

  it("heat map by keyboard: reads out a cell", async () => {
    const visited = await open("#/round/41");
    const map = visited.page.getByRole("img", { name: /Weights of epoch 13/ });
    await map.focus();
    for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await visited.page.keyboard.press(key);
    await shows(visited, "uid 7 on uid 2: 24.0 %".replace(" %", "\u202f%"));
    await visited.close();
  });

  it("foreign HTML: shown as text", async () => {
    const hostile = '<img src=x onerror="window.hit=1"><b>bold</b>';
    const neurons = run.neurons.neurons.map((row) => ({ ...row, name: hostile, penalties: [hostile] }));
    dashboard.projector.answer("/api/neurons", { ...run.neurons, neurons });
    const visited = await open("#/metagraph");
    await visited.page.getByText(hostile).first().waitFor();
    assert.equal(await visited.page.locator("tbody b, tbody img").count(), 0);
    assert.equal(await visited.page.evaluate("window.hit ?? 0"), 0);
    dashboard.projector.answer("/api/neurons", undefined);
    await visited.close();
    const id = run.neurons.neurons[0].neuronId;
    const named = {
      ...run.neuronPage(0),
      neuron: { ...run.neuron(0), name: hostile, url: "javascript:window.hit=1" },
    };
    dashboard.projector.answer(`/api/neurons/${id}`, named);
    const head = await open(`#/neuron/${id}`);
    await head.page.getByText(hostile).first().waitFor();
    await head.page.getByText("javascript:window.hit=1").first().waitFor();
    assert.equal(await head.page.locator("dd a, dd b, dd img").count(), 0);
    assert.equal(await head.page.evaluate("window.hit ?? 0"), 0);
    dashboard.projector.answer(`/api/neurons/${id}`, undefined);
    await head.close();
  });

  it("silent chain, then a reset: says so, and shows the new chain's figures", async () => {
    const visited = await open("#/metagraph");
    await shows(visited, "Up to date");
    dashboard.projector.say(
      run.status({ state: "silent", problem: { code: "RPC_UNREACHABLE", message: "", hint: null } }),
    );
    await shows(visited, "The chain is silent: the figures are of earlier (RPC_UNREACHABLE)");
    dashboard.projector.say(run.status({ state: "reset" }));
    await shows(visited, "The chain began anew");
    dashboard.projector.answer("/api/neurons", { epoch: 0, neurons: [] });
    dashboard.projector.say(run.status({ chain: "0xnew" }));
    await shows(visited, "Nobody has registered yet.");
    dashboard.projector.answer("/api/neurons", undefined);
    dashboard.projector.say(run.status());
    await visited.close();
  });

  it("events cut: says so, and connects again by itself", async () => {
    const visited = await open("#/");
    await shows(visited, "Up to date");
    dashboard.projector.cutEvents(true);
    await shows(visited, "Connection lost");
    dashboard.projector.cutEvents(false);
    await shows(visited, "Up to date");
    await visited.close();
  });

  it("a page that is hidden: holds no stream of events; shown again, it has one", async () => {
    const visited = await open("#/");
    await shows(visited, "Up to date");
    const turn = (hidden: boolean) =>
      visited.page.evaluate(`
        Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      `);
    await turn(true);
    for (let turns = 0; dashboard.projector.streams() > 0; turns++) {
      assert.ok(turns < 2000, "the stream stays open");
      await visited.page.evaluate("fetch('./api/status').then(() => 0)");
    }
    await turn(false);
    dashboard.projector.say(run.status({ state: "syncing" }));
    await shows(visited, "Reading the chain");
    assert.equal(dashboard.projector.streams(), 1);
    dashboard.projector.say(run.status());
    await visited.close();
  });

  it("an error of the projector: its words, code and hint; figures that came before stay", async () => {
    const missing = await open("#/neuron/99");
    await shows(missing, "NOT_FOUND");
    await missing.close();
    const visited = await open("#/metagraph");
    await shows(visited, "repeats another update");
    dashboard.projector.answer("/api/neurons", { code: "BUSY", message: "later", hint: null }, 503);
    dashboard.projector.say(run.status({ reports: 900 }));
    await visited.page.waitForResponse((response) => response.status() === 503);
    await shows(visited, "repeats another update");
    dashboard.projector.answer("/api/neurons", undefined);
    dashboard.projector.say(run.status());
    await visited.close();
  });

  it("an answer that cannot be shown: the page says that it failed, the others go on", async () => {
    const neurons = run.neurons.neurons.map((row) => ({ ...row, stake: "1e5" }));
    dashboard.projector.answer("/api/neurons", { ...run.neurons, neurons });
    const visited = await open("#/metagraph");
    await visited.page.getByRole("heading", { name: "This page failed" }).waitFor();
    dashboard.projector.answer("/api/neurons", undefined);
    await visited.page.getByRole("link", { name: "Network" }).click();
    await shows(visited, pages[0].text);
    await visited.page.getByRole("link", { name: "Metagraph" }).click();
    await shows(visited, "repeats another update");
    await visited.close();
  });

  it("a round of 192 updates and 64 validators: nothing moves as it comes in", async () => {
    const page = run.roundPage(41);
    const uids = Array.from({ length: 192 }, (_, uid) => uid);
    const updates = uids.map((uid) => ({ ...page.updates[uid % 5], uid, neuronId: run.neuronIdOf(uid) }));
    const attestations = uids
      .slice(0, 64)
      .map((uid) => ({ uid, neuronId: run.neuronIdOf(uid), time: page.end - 2, uids }));
    dashboard.projector.answer("/api/rounds/41", { ...page, updates, attestations });
    const visited = await open("#/round/41");
    await shows(visited, "Point at a cell");
    assert.equal(
      await visited.page.getByRole("region", { name: "Updates" }).locator("tbody tr").count(),
      192,
    );
    assert.ok((await visited.shift()) <= mostShift);
    dashboard.projector.answer("/api/rounds/41", undefined);
    await visited.close();
  });

  it("a run before its first round: empty states", async () => {
    dashboard.projector.say(
      run.status({ round: null, phase: null, epoch: 0, phaseEndsAt: run.clock.genesis }),
    );
    dashboard.projector.answer("/api/rounds", { rounds: [] });
    dashboard.projector.answer("/api/epochs", { epochs: [] });
    dashboard.projector.answer("/api/network", { ...run.network, checkpoints: [] });
    const visited = await open("#/");
    for (const text of ["Begins 2026-", "No epoch is settled yet", "No state has been signed yet"])
      await shows(visited, text);
    assert.deepEqual(await visited.violations(), []);
    assert.deepEqual(visited.errors, []);
    await visited.close();
    const round = await open("#/round");
    await shows(round, "The run has not begun.");
    await round.close();
    for (const path of ["/api/rounds", "/api/epochs", "/api/network"])
      dashboard.projector.answer(path, undefined);
    dashboard.projector.say(run.status());
  });

  it("an unknown address: says so, with a way back", async () => {
    const visited = await open("#/neuron/../../x");
    await visited.page.getByRole("heading", { name: "Not found" }).waitFor();
    await visited.page.getByRole("link", { name: "To the network" }).click();
    await visited.page.getByRole("heading", { name: "Network", level: 1 }).waitFor();
    await visited.close();
  });
});
