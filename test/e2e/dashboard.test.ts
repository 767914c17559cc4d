import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { createPublicClient, http, parseEther } from "viem";
import { stakeVerb } from "../../scripts/tasks/stake.ts";
import { unstakeVerb } from "../../scripts/tasks/unstake.ts";
import { emissionAbi, stakeManagerAbi, weftTokenAbi } from "../../workers/chain/generated/abi.ts";
import { writeNetworkFile } from "../../workers/cli/networkFile.ts";
import type { NeuronsPage } from "../../workers/projector/api.ts";
import { loadKeyFile } from "../../workers/runtime/keys.ts";
import { noPassphrase } from "../../workers/runtime/passphrase.ts";
import { ChainWallet } from "../support/chainWallet.ts";
import {
  buildDashboard,
  findChromium,
  launchChromium,
  type Visit,
  visit,
} from "../support/dashboardBrowser.ts";
import { withoutBrowser } from "../support/fixtureDashboard.ts";
import { type ProjectedNetwork, projectedNetwork } from "../support/projectedNetwork.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { unattended } from "../support/verbBench.ts";

/** Where screenshots are kept, if anywhere. */
const artefacts = process.env.WEFT_SCREENSHOTS;
const name = "Node";

describe("the dashboard on a network that is played", { skip: withoutBrowser }, () => {
  const dir = temporaryFolder({ after });
  let browser: Browser;
  let network: ProjectedNetwork;
  let rpcUrl: string;
  let wallet: ChainWallet;
  /** Honest miner, validator and copycat. */
  let ids: Record<"miner" | "validator" | "copycat", string>;

  before(async () => {
    const dist = join(dir, "dist");
    await buildDashboard(dist);
    network = await projectedNetwork(dir, dist);
    browser = await launchChromium(findChromium() ?? "");
    const { participants, contracts } = network.live;
    rpcUrl = network.rpcUrl;
    const { registry } = contracts.addresses;
    await writeNetworkFile(dir, {
      rpcUrl,
      chainId: 31_337,
      registry,
      store: join(dir, "content"),
      deployBlock: 0,
    });
    const delegator = await loadKeyFile(join(dir, "keys", "delegator-1-coldkey.json"), noPassphrase);
    wallet = new ChainWallet(delegator, rpcUrl);
    const { neurons }: NeuronsPage = await network.page("neurons");
    const idOf = (role: string, behaviour: string) => {
      const found = participants.find((one) => one.role === role && one.behaviour === behaviour);
      return neurons.find(({ uid }) => uid === found?.uid)?.neuronId ?? "";
    };
    ids = {
      miner: idOf("miner", "honest"),
      validator: idOf("validator", "honest"),
      copycat: idOf("miner", "copycat"),
    };
  });
  after(async () => {
    await browser?.close();
    await network?.close();
  });

  const open = (hash: string, options = {}) => visit(browser, `${network.projector.url}${hash}`, options);
  const says = ({ page }: Visit, text: string | RegExp) => page.getByText(text).first().waitFor();

  async function keep({ page }: Visit, file: string): Promise<void> {
    if (artefacts === undefined) return;
    mkdirSync(artefacts, { recursive: true });
    await page.screenshot({ path: join(artefacts, `${file}.png`), fullPage: true });
  }

  const looks = [
    ["light", { scheme: "light" }],
    ["dark", { scheme: "dark" }],
    ["phone", { scheme: "light", width: 390 }],
  ] as const;
  const pages: readonly (readonly [string, () => string, string | RegExp])[] = [
    ["network", () => "#/", /of 21\.0.M WEFT/],
    ["metagraph", () => "#/metagraph", "repeats another update"],
    ["miner", () => `#/neuron/${ids.miner}`, "Adds up exactly"],
    ["validator", () => `#/neuron/${ids.validator}`, "Weights against consensus"],
    ["round", () => "#/round/1", "Point at a cell"],
    ["text", () => "#/text", "Nothing is written yet"],
    ["stake", () => `#/stake/${ids.validator}`, "No wallet answers in this browser"],
  ];
  for (const [file, hash, text] of pages) {
    for (const [look, options] of looks) {
      it(`${file}, ${look}: shows the run, without errors, accessible and still`, async () => {
        const visited = await open(hash(), options);
        await says(visited, text);
        assert.deepEqual(visited.errors, []);
        assert.deepEqual(await visited.violations(), []);
        assert.ok((await visited.shift()) <= 0.02);
        await keep(visited, `${file}-${look}`);
        await visited.close();
      });
    }
  }

  it("receipt: the total that was credited, to the wei, and the copycat's reason", async () => {
    const { neuronId } = { neuronId: ids.miner };
    const receipt = await network.page<{ pay: { total: string } }>(`neurons/${neuronId}/receipts/0`);
    const { incentive } = network.live.follower.history.settled.earnings(BigInt(neuronId));
    assert.equal(parseEther(receipt.pay.total), incentive);
    const visited = await open(`#/neuron/${neuronId}/0`);
    await says(visited, receipt.pay.total);
    await visited.close();
    const copied = await open(`#/neuron/${ids.copycat}/0`);
    await says(copied, /copy|copies|repeats/);
    await copied.close();
  });

  it("every neuron: its receipt of the settled epoch adds up exactly", async () => {
    for (const { neuronId } of network.live.participants) {
      const visited = await open(`#/neuron/${neuronId}/0`);
      await says(visited, "Adds up exactly");
      await visited.close();
    }
  });

  it("text: streamed from the model as it is and as it began, each its own", async () => {
    await network.live.mine();
    const visited = await open("#/text");
    const { page } = visited;
    await page.getByLabel(/^Beside round/).selectOption({ label: "Round 0 · before any training" });
    await page.getByLabel("Tokens").fill("120");
    await page.getByRole("button", { name: "Write" }).click();
    await says(visited, "Done.");
    const columns = await page.getByRole("region", { name: /^What Round \d+ / }).allInnerTexts();
    assert.equal(columns.length, 2);
    for (const text of columns) assert.match(text, /^The [\s\S]{20,}/);
    assert.notEqual(columns[0], columns[1]);
    assert.deepEqual(visited.errors, []);
    await keep(visited, "written-light");
    await visited.close();
  });

  it("a new block: seen without loading the page again", async () => {
    const visited = await open("#/");
    const { number } = await createPublicClient({ transport: http(rpcUrl) }).getBlock();
    await network.live.mine();
    await says(visited, new RegExp(`block ${number + 1n}`));
    await visited.close();
  });

  /** What a stake changes, as the chain has it. */
  async function standing() {
    const client = createPublicClient({ transport: http(rpcUrl), cacheTime: 0 });
    const { stakeManager, token, emission } = network.live.contracts.addresses;
    const pool = { address: stakeManager, abi: stakeManagerAbi } as const;
    const { address } = wallet.account;
    const neuronId = BigInt(ids.validator);
    return {
      shares: await client.readContract({ ...pool, functionName: "shares", args: [neuronId, address] }),
      assets: await client.readContract({ ...pool, functionName: "poolAssets", args: [neuronId] }),
      unbonding: (
        await client.readContract({ ...pool, functionName: "unbonding", args: [neuronId, address] })
      ).map(({ assets }) => assets),
      balance: await client.readContract({
        address: token,
        abi: weftTokenAbi,
        functionName: "balanceOf",
        args: [address],
      }),
      allowance: await client.readContract({
        ...{ address: token, abi: weftTokenAbi, functionName: "allowance" },
        args: [address, stakeManager],
      }),
      earned: await client.readContract({
        address: emission,
        abi: emissionAbi,
        functionName: "earned",
        args: [neuronId],
      }),
    };
  }

  async function rpc(method: string, ...params: unknown[]): Promise<string> {
    const client = createPublicClient({ transport: http(rpcUrl) });
    return client.request({ method, params } as never);
  }

  async function connected(): Promise<Visit> {
    const visited = await open(`#/stake/${ids.validator}`, { wallet: { wallet, name } });
    await visited.page.getByRole("button", { name: `Connect ${name}` }).click();
    await says(visited, wallet.account.address);
    return visited;
  }

  async function give(visited: Visit, form: "Stake" | "Unstake", amount: string): Promise<void> {
    const heading = visited.page.getByRole("heading", { name: form, exact: true });
    const section = visited.page.locator("section", { has: heading });
    await section.getByLabel("Amount, WEFT").fill(amount);
    await section.getByRole("button", { name: form, exact: true }).click();
  }

  it("a stake and an unstake by the page and by the tasks: the same on the chain", async () => {
    await network.stopWorkers();
    const snapshot = await rpc("evm_snapshot");
    const before = await standing();
    const visited = await connected();
    await give(visited, "Stake", "12.5");
    await says(visited, `Staked 12.5 WEFT on neuron ${ids.validator}.`);
    const staked = await standing();
    await give(visited, "Unstake", "2");
    await says(visited, `Unstaked 2 WEFT of neuron ${ids.validator}.`);
    const unstaked = await standing();
    await visited.close();
    assert.equal(before.balance - staked.balance, parseEther("12.5"));
    assert.equal(unstaked.unbonding.length, before.unbonding.length + 1);

    assert.equal(await rpc("evm_revert", snapshot), true);
    assert.deepEqual(await standing(), before);
    const options = { dir, json: false, as: "delegator-1", neuron: ids.validator };
    await stakeVerb({ ...options, amount: "12.5", permit: false }, unattended);
    assert.deepEqual(await standing(), staked);
    await unstakeVerb({ ...options, amount: "2", all: false }, unattended);
    assert.deepEqual(await standing(), unstaked);
  });

  it("declined in the wallet, or on another chain: said, and nothing changes", async () => {
    const before = await standing();
    const visited = await connected();
    wallet.rejects = true;
    await give(visited, "Stake", "1");
    await says(visited, "REJECTED");
    wallet.rejects = false;
    await visited.close();
    wallet.chainId = 1;
    const elsewhere = await connected();
    await says(elsewhere, "The wallet is on chain 1, this run is on chain 31337.");
    await elsewhere.page.getByRole("button", { name: "Switch the wallet to chain 31337" }).click();
    await give(elsewhere, "Stake", "1");
    await says(elsewhere, "Staked 1 WEFT");
    assert.equal(before.balance - (await standing()).balance, parseEther("1"));
    await elsewhere.close();
  });

  it("unstake all, wait, withdraw, claim: the chain has it", async () => {
    const { account } = wallet;
    const visited = await connected();
    const { page } = visited;
    await page.getByRole("button", { name: "All of it" }).click();
    await page.getByRole("button", { name: "Unstake", exact: true }).click();
    await says(visited, /^Unstaked /);
    const { shares, balance, unbonding } = await standing();
    assert.equal(shares, 0n);
    await says(visited, /WEFT from 20\d\d-/);
    assert.ok(await page.getByRole("button", { name: "Withdraw" }).isDisabled());
    await network.live.goTo(46, 1);
    await says(visited, "released");
    await page.getByRole("button", { name: "Withdraw" }).click();
    await says(visited, `Withdrew what was released of neuron ${ids.validator}.`);
    const withdrawn = await standing();
    assert.equal(
      withdrawn.balance - balance,
      unbonding.reduce((sum, assets) => sum + assets, 0n),
    );
    assert.deepEqual(withdrawn.unbonding, []);
    await page.getByRole("button", { name: "Claim" }).click();
    await says(visited, `Claimed what neuron ${ids.validator} earned`);
    const { earned } = await standing();
    assert.ok(earned[0] > 0n && earned[0] === earned[1], `${account.address}: ${earned}`);
    await visited.close();
  });

  it("the chain begins anew: the page says so and then shows the new one", async () => {
    const visited = await open("#/metagraph");
    await says(visited, "repeats another update");
    await network.beginAnew();
    await says(visited, "The chain began anew");
    await keep(visited, "reset-light");
    await says(visited, "Up to date");
    await visited.page.getByText("repeats another update").first().waitFor({ state: "detached" });
    assert.equal((await network.page<NeuronsPage>("neurons")).neurons.length, 5);
    await visited.close();
  });
});
