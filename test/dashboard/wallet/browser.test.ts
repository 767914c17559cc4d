import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Visit } from "../../support/dashboardBrowser.ts";
import { FixtureDashboard, withoutBrowser } from "../../support/fixtureDashboard.ts";
import { neuron } from "../../support/fixtureRun.ts";
import { FixtureWallet, revertOf } from "../../support/fixtureWallet.ts";

const wei = 10n ** 18n;

describe("staking with a wallet of the browser", { skip: withoutBrowser }, () => {
  const dashboard = new FixtureDashboard();

  async function connected(wallet: FixtureWallet, name = "Fixture"): Promise<Visit> {
    const visited = await dashboard.open("#/stake/7", { wallet: { wallet, name } });
    await visited.page.getByRole("button", { name: `Connect ${name}` }).click();
    await visited.page.getByText(wallet.account.address).waitFor();
    return visited;
  }

  async function give(visited: Visit, form: "Stake" | "Unstake", amount: string): Promise<void> {
    const section = visited.page.locator("section", {
      has: visited.page.getByRole("heading", { name: form, exact: true }),
    });
    await section.getByLabel("Amount, WEFT").fill(amount);
    await section.getByRole("button", { name: form, exact: true }).click();
  }

  const says = (visited: Visit, text: string) => visited.page.getByText(text).first().waitFor();

  it("stake: one transaction with a permit signed by the account, then the figures follow", async () => {
    const wallet = new FixtureWallet();
    const visited = await connected(wallet);
    await give(visited, "Stake", "12.5");
    await says(visited, "Staked 12.5 WEFT on neuron 7.");
    assert.deepEqual(wallet.sent, ["multicall", "selfPermit", "stake"]);
    assert.deepEqual(wallet.permits, [wallet.account.address]);
    assert.equal(wallet.staked, (125n * wei) / 10n);
    await says(visited, "987.50");
    assert.deepEqual(visited.errors, []);
    assert.deepEqual(await visited.violations(), []);
    await visited.close();
  });

  it("amounts that are none, or too much: said at the field, nothing is asked", async () => {
    const wallet = new FixtureWallet();
    const visited = await connected(wallet);
    await says(visited, "1\u202f000.00");
    const field = visited.page.getByLabel("Amount, WEFT").first();
    for (const [typed, told] of [
      ["1,5", "Write digits"],
      ["0.0", "more than zero"],
      ["1000.000000000000000001", "At most 1000."],
    ]) {
      await field.fill(typed);
      await says(visited, told);
      assert.equal(await field.getAttribute("aria-invalid"), "true", typed);
      assert.ok(await visited.page.getByRole("button", { name: "Stake", exact: true }).isDisabled(), typed);
    }
    assert.deepEqual(wallet.sent, []);
    await visited.close();
  });

  it("unstake all: shows when it is paid; withdraw before is closed, after it pays", async () => {
    const wallet = new FixtureWallet();
    wallet.staked = 40n * wei;
    const visited = await connected(wallet);
    const { page } = visited;
    await page.getByRole("button", { name: "All of it" }).and(page.locator(":enabled")).click();
    await page.getByRole("button", { name: "Unstake", exact: true }).click();
    await says(visited, "Unstaked 40 WEFT of neuron 7.");
    assert.equal(wallet.staked, 0n);
    await says(visited, "from 2026-09-21 14:32:40 UTC, in 3");
    assert.ok(await page.getByRole("button", { name: "Withdraw" }).isDisabled());
    wallet.time += 201n;
    await give(visited, "Stake", "1");
    await says(visited, "released");
    await page.getByRole("button", { name: "Withdraw" }).click();
    await says(visited, "Withdrew what was released of neuron 7.");
    assert.equal(wallet.tokens, 1039n * wei);
    await visited.close();
  });

  it("claim: pays the coldkey that the page names", async () => {
    const wallet = new FixtureWallet();
    const visited = await connected(wallet);
    await says(visited, `70 WEFT to ${neuron(6).coldkey}`);
    await visited.page.getByRole("button", { name: "Claim" }).click();
    await says(visited, "Claimed what neuron 7 earned");
    assert.deepEqual(wallet.sent, ["claim"]);
    assert.ok(await visited.page.getByRole("button", { name: "Claim" }).isDisabled());
    await visited.close();
  });

  it("declined in the wallet: REJECTED, and nothing was sent", async () => {
    const wallet = new FixtureWallet();
    const visited = await connected(wallet);
    await says(visited, "1\u202f000.00");
    wallet.rejects = true;
    await give(visited, "Stake", "1");
    await says(visited, "REJECTED");
    assert.deepEqual(wallet.sent, []);
    await visited.close();
  });

  it("refused by the contract: the custom error in words, before the wallet is asked", async () => {
    const wallet = new FixtureWallet();
    const visited = await connected(wallet);
    await says(visited, "1\u202f000.00");
    wallet.revert = revertOf("Paused", [1_790_100_000n]);
    await give(visited, "Stake", "1");
    await says(visited, "Staking is paused until 2026-09-22 18:00:00 UTC.");
    assert.deepEqual(wallet.sent, []);
    await visited.close();
  });

  it("wrong chain: nothing is offered but to switch; a chain the wallet does not know is named", async () => {
    const wallet = new FixtureWallet();
    wallet.chainId = 1;
    wallet.knowsChain = false;
    const visited = await connected(wallet);
    await says(visited, "The wallet is on chain 1, this run is on chain 31337.");
    assert.ok(await visited.page.getByRole("button", { name: "Stake", exact: true }).isDisabled());
    const change = visited.page.getByRole("button", { name: "Switch the wallet to chain 31337" });
    await change.click();
    await says(visited, "CHAIN_UNKNOWN");
    wallet.knowsChain = true;
    await change.click();
    await says(visited, "1\u202f000.00");
    assert.equal(wallet.chainId, 31_337);
    assert.equal(await change.count(), 0);
    await visited.close();
  });

  it("a wallet whose name is HTML: shown as text", async () => {
    const visited = await connected(new FixtureWallet(), "<b>Bold</b>");
    await says(visited, "<b>Bold</b>:");
    await visited.close();
  });
});
