import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { parseEther } from "viem";
import { emissionAbi, stakeManagerAbi, weftTokenAbi } from "../../workers/chain/generated/abi.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import { ChainWallet } from "../support/chainWallet.ts";
import {
  buildDashboard,
  findChromium,
  launchChromium,
  type Visit,
  visit,
} from "../support/dashboardBrowser.ts";
import { liveRun } from "../support/liveRun.ts";
import { type RunningProjector, startProjector } from "../support/projector.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const chromium = findChromium();
const skip = chromium === undefined && "no chromium on the PATH or in CHROMIUM_PATH";
/** Epoch 0 settles in its last. */
const rounds = 6;
const miners = 2;

describe("the dashboard on a projector, a run and its chain", { skip }, () => {
  const dir = temporaryFolder({ after });
  const ended = new AbortController();
  const { signal } = ended;
  let live: Awaited<ReturnType<typeof liveRun>>;
  let projector: RunningProjector;
  let browser: Browser;

  before(async () => {
    await buildDashboard(join(dir, "dist"));
    browser = await launchChromium(chromium ?? "");
    live = await liveRun({ dir, miners, validators: 2, adversaries: [], signal });
    projector = await startProjector(live.run, join(dir, "projector"), join(dir, "dist"));
    const working = live.participants.filter(({ role }) => role !== "delegator");
    const work = working.map((participant) => {
      const options = { ...live.optionsOf(participant), reportTo: projector.url };
      return participant.role === "validator" ? runValidator(options, signal) : runMiner(options, signal);
    });
    const failed = Promise.all(work);
    failed.catch(() => undefined);
    await Promise.race([failed, play()]);
  });
  after(async () => {
    ended.abort(new Error("the tests are over"));
    await browser?.close();
    await projector?.close();
  });

  async function play(): Promise<void> {
    const { history } = live.follower;
    for (let round = 0; round < rounds; round++) {
      await live.goTo(round, 1);
      await live.until(`commits of ${round}`, () => history.commits(round).length === miners);
      await live.goTo(round, 601);
      await live.until(`reveals of ${round}`, () => history.reveals(round).length === miners);
      await live.goTo(round, 801);
      await live.until(`attestations of ${round}`, () => history.attestations(round).length === 2);
    }
    await live.until("settlement of 0", () => history.settlements.at(-1)?.epoch === 0);
    await live.goTo(rounds, 1);
  }

  const open = (hash: string, wallet?: ChainWallet) =>
    visit(browser, `${projector.url}${hash}`, wallet && { wallet: { wallet, name: "Chain" } });
  const says = ({ page }: Visit, text: string | RegExp) => page.getByText(text).first().waitFor();
  const delegator = () => {
    const found = live.participants.find(({ role }) => role === "delegator");
    assert.ok(found);
    return found;
  };
  const stakedOn = (neuronId: bigint) =>
    live.contracts.publicClient.readContract({
      address: live.contracts.addresses.stakeManager,
      abi: stakeManagerAbi,
      functionName: "assetsOf",
      args: [neuronId, delegator().coldkey.address],
    });

  for (const [hash, text] of [
    ["#/", /of 21\.0.M WEFT/],
    ["#/metagraph", "4 of 4"],
    ["#/round/3", "The update is part of the model."],
    ["#/round/1", "Point at a cell"],
  ] as const) {
    it(`${hash}: shows what the projector has, without an error`, async () => {
      const visited = await open(hash);
      await says(visited, text);
      assert.deepEqual(visited.errors, []);
      assert.deepEqual(await visited.violations(), []);
      await visited.close();
    });
  }

  it("every neuron: its receipt of the settled epoch adds up exactly", async () => {
    for (const { neuronId, name } of live.participants) {
      const visited = await open(`#/neuron/${neuronId}/0`);
      await says(visited, "Adds up exactly");
      assert.deepEqual(visited.errors, [], name);
      await visited.close();
    }
  });

  it("a new block: the clock follows without a reload", async () => {
    const visited = await open("#/");
    await says(visited, /of commit left/);
    await live.goTo(rounds, 601);
    await says(visited, /of reveal left/);
    await visited.close();
  });

  it("stake, unstake, wait, withdraw, claim: the chain has it", async () => {
    const { neuronId, coldkey } = delegator();
    const { contracts } = live;
    const visited = await open(`#/stake/${neuronId}`, new ChainWallet(coldkey, live.rpcUrl));
    const { page } = visited;
    await page.getByRole("button", { name: "Connect Chain" }).click();
    await says(visited, coldkey.address);
    const before = await stakedOn(neuronId);
    await page.getByLabel("Amount, WEFT").first().fill("12.5");
    await page.getByRole("button", { name: "Stake", exact: true }).click();
    await says(visited, `Staked 12.5 WEFT on neuron ${neuronId}.`);
    const staked = (await stakedOn(neuronId)) - before;
    assert.ok(staked <= parseEther("12.5") && staked > parseEther("12.4"), `${staked}`);

    await page.getByRole("button", { name: "All of it" }).click();
    await page.getByRole("button", { name: "Unstake", exact: true }).click();
    await says(visited, /^Unstaked /);
    assert.equal(await stakedOn(neuronId), 0n);
    await says(visited, /WEFT from 20\d\d-/);
    assert.ok(await page.getByRole("button", { name: "Withdraw" }).isDisabled());

    await live.goTo(rounds + 40, 1);
    const tokens = () =>
      contracts.publicClient.readContract({
        address: contracts.addresses.token,
        abi: weftTokenAbi,
        functionName: "balanceOf",
        args: [coldkey.address],
      });
    const had = await tokens();
    await says(visited, "released");
    await page.getByRole("button", { name: "Withdraw" }).click();
    await says(visited, `Withdrew what was released of neuron ${neuronId}.`);
    assert.ok((await tokens()) - had > parseEther("150"));

    await page.getByRole("button", { name: "Claim" }).click();
    await says(visited, `Claimed what neuron ${neuronId} earned`);
    const [earned, claimed] = await contracts.publicClient.readContract({
      address: contracts.addresses.emission,
      abi: emissionAbi,
      functionName: "earned",
      args: [neuronId],
    });
    assert.ok(earned > 0n);
    assert.equal(earned, claimed);
    assert.deepEqual(visited.errors, []);
    await visited.close();
  });
});
