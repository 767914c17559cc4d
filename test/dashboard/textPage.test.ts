import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TextRequest } from "../../workers/projector/apiText.ts";
import type { Visit } from "../support/dashboardBrowser.ts";
import { FixtureDashboard, withoutBrowser } from "../support/fixtureDashboard.ts";
import * as run from "../support/fixtureRun.ts";

const [newest, , checkpoint] = run.models.models;

describe("the text page in a browser", { skip: withoutBrowser }, () => {
  const dashboard = new FixtureDashboard();
  const shows = ({ page }: Visit, text: string) => page.getByText(text).first().waitFor();
  const column = ({ page }: Visit, round: number) =>
    page.getByRole("region", { name: new RegExp(`^What Round ${round} `) });

  /** Opens the page and asks for a text by keyboard. */
  async function write(options = {}): Promise<Visit> {
    const visited = await dashboard.open("#/text", options);
    await visited.page.getByLabel("What to go on from").fill("Once <b>");
    await visited.page.keyboard.press("Control+Enter");
    return visited;
  }

  for (const look of [{ scheme: "light" }, { scheme: "dark" }, { scheme: "light", width: 390 }] as const) {
    it(`two texts, ${look.scheme}, ${"width" in look ? "phone" : "desk"}: streamed, shown as text, accessible, still`, async () => {
      dashboard.projector.write([
        { type: "start" },
        { type: "text", model: 0, text: "<img src=x onerror='window.hit=1'>" },
        { type: "text", model: 1, text: "\u202eearlier" },
        { type: "text", model: 0, text: `${" and on".repeat(100)}.` },
        { type: "end" },
      ]);
      const visited = await write(look);
      await shows(visited, "Done.");
      const now = await column(visited, newest.round).innerText();
      assert.match(now, /^Once <b><img src=x onerror='window.hit=1'> and on.* and on\.$/);
      assert.equal(await column(visited, checkpoint.round).innerText(), "Once <b>\u202eearlier");
      assert.equal(await visited.page.evaluate("window.hit ?? 0"), 0);
      assert.deepEqual(await visited.violations(), []);
      assert.deepEqual(visited.errors, []);
      const shift = await visited.shift();
      assert.ok(shift <= 0.02, `layout shift ${shift}`);
      const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      assert.equal(await visited.page.evaluate(overflow), 0);
      await visited.close();
    });
  }

  it("the request: the newest state and the one chosen, with the figures of the form", async () => {
    dashboard.projector.write([{ type: "start" }, { type: "end" }]);
    const visited = await dashboard.open("#/text");
    const { page } = visited;
    await page.getByLabel("Beside round 47").selectOption({ label: "Round 0 · before any training" });
    await page.getByLabel("Tokens").fill("9");
    await page.getByLabel("Temperature").fill("0");
    await page.getByLabel("Top-p").fill("0.5");
    await page.getByLabel("Seed").fill("7");
    const [request] = await Promise.all([
      page.waitForRequest(/api\/text$/),
      page.getByRole("button", { name: "Write" }).click(),
    ]);
    const asked: TextRequest = request.postDataJSON();
    assert.deepEqual(asked, {
      models: [newest.stateRoot, run.models.models[5].stateRoot],
      ...{ prompt: "The ", tokens: 9, temperature: 0, topP: 0.5, seed: 7 },
    });
    await column(visited, 0).waitFor();
    await visited.close();
  });

  it("figures beyond their bounds, and a prompt of too many bytes: nothing is asked", async () => {
    const visited = await dashboard.open("#/text");
    const { page } = visited;
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const writes = page.getByRole("button", { name: "Write" });
    await page.getByLabel("Tokens").fill("401");
    await writes.click();
    await page.getByLabel("Tokens").fill("9");
    await page.getByLabel("What to go on from").fill("é".repeat(1500));
    await shows(visited, "The prompt has 3\u202f000 bytes");
    assert.ok(await writes.isDisabled());
    await page.getByLabel("What to go on from").press("Control+Enter");
    assert.ok(!asked.includes("/api/text"), asked.join(" "));
    await visited.close();
  });

  it("stopped, and left for another page: the stream is closed, what came stays", async () => {
    dashboard.projector.write([{ type: "start" }, { type: "text", model: 0, text: "so far" }]);
    const visited = await write();
    await shows(visited, "Writing …");
    await visited.page.getByRole("button", { name: "Stop" }).click();
    await shows(visited, "Stopped.");
    assert.equal(await column(visited, newest.round).innerText(), "Once <b>so far");
    await closed(visited);
    await visited.page.getByRole("button", { name: "Write" }).click();
    await shows(visited, "Writing …");
    await visited.page.getByRole("link", { name: "Network" }).click();
    await closed(visited);
    await visited.close();
  });

  async function closed({ page }: Visit): Promise<void> {
    for (let turns = 0; dashboard.projector.texts() > 0; turns++) {
      assert.ok(turns < 2000, "the stream stays open");
      await page.evaluate("fetch('./api/status').then(() => 0)");
    }
  }

  it("busy, then free: said with what to do, and it can be asked again", async () => {
    const busy = { code: "TEXT_BUSY", message: "somebody else's", hint: "Try again in a moment." };
    dashboard.projector.answer("/api/text", busy, 503);
    const visited = await write();
    await shows(visited, "TEXT_BUSY");
    await shows(visited, "Try again in a moment.");
    assert.deepEqual(await visited.violations(), []);
    dashboard.projector.answer("/api/text", undefined);
    dashboard.projector.write([{ type: "start" }, { type: "text", model: 1, text: "mine" }, { type: "end" }]);
    await visited.page.getByRole("button", { name: "Write" }).click();
    await shows(visited, "Done.");
    await visited.page.getByText("TEXT_BUSY").waitFor({ state: "detached" });
    await visited.close();
  });

  it("an error in the middle: said, what came stays", async () => {
    const events = [{ type: "start" }, { type: "text", model: 0, text: "half" }] as const;
    dashboard.projector.write(events, { code: "TEXT_TIMEOUT", message: "too slow", hint: null });
    const visited = await write();
    await shows(visited, "TEXT_TIMEOUT");
    assert.equal(await column(visited, newest.round).innerText(), "Once <b>half");
    await visited.close();
  });

  it("a projector that lets nobody write, and one without any state: says so", async () => {
    const off = {
      code: "TEXT_OFF",
      message: "this projector lets nobody write",
      hint: "Start it with --text.",
    };
    dashboard.projector.answer("/api/models", off, 404);
    const without = await dashboard.open("#/text");
    await shows(without, "Start it with --text.");
    assert.deepEqual(await without.violations(), []);
    await without.close();
    dashboard.projector.answer("/api/models", { ...run.models, models: [] });
    const empty = await dashboard.open("#/text");
    await shows(empty, "No state of the model can be had here yet.");
    await empty.close();
    dashboard.projector.answer("/api/models", undefined);
  });

  it("a run with its first state alone: one column writes", async () => {
    dashboard.projector.answer("/api/models", { ...run.models, models: run.models.models.slice(-1) });
    dashboard.projector.write([
      { type: "start" },
      { type: "text", model: 0, text: "noise" },
      { type: "end" },
    ]);
    const visited = await write();
    await shows(visited, "Done.");
    await shows(visited, "There is none yet");
    assert.equal(await column(visited, 0).innerText(), "Once <b>noise");
    dashboard.projector.answer("/api/models", undefined);
    await visited.close();
  });

  it("a newer state while a text stands: the text keeps its round, and the page says that there is a newer one", async () => {
    dashboard.projector.write([{ type: "start" }, { type: "text", model: 0, text: "old" }, { type: "end" }]);
    const visited = await write();
    await shows(visited, "Done.");
    const newer = { ...newest, round: 48, stateRoot: `0x${"9".repeat(64)}` };
    dashboard.projector.answer("/api/models", { ...run.models, models: [newer, ...run.models.models] });
    dashboard.projector.say(run.status({ round: 48 }));
    await shows(visited, "Round 48 has a newer state.");
    assert.equal(await column(visited, 47).innerText(), "Once <b>old");
    dashboard.projector.answer("/api/models", undefined);
    dashboard.projector.say(run.status());
    await visited.close();
  });
});
