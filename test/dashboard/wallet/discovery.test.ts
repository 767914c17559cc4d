import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { discoverWallets, type Wallet } from "../../../dashboard/src/wallet/discovery.ts";

const provider = { request: async () => null };

function announce(target: EventTarget, detail: unknown): void {
  target.dispatchEvent(Object.assign(new Event("eip6963:announceProvider"), { detail }));
}

function discovered() {
  const target = new EventTarget();
  const found: Wallet[][] = [];
  const stop = discoverWallets(target, (wallets) => found.push([...wallets]));
  return { target, found, stop };
}

describe("discoverWallets", () => {
  it("asks, and reports wallets as they come, each uuid once", () => {
    const target = new EventTarget();
    const found: string[][] = [];
    target.addEventListener("eip6963:requestProvider", () =>
      announce(target, { info: { uuid: "1", name: "A" }, provider }),
    );
    discoverWallets(target, (wallets) => found.push(wallets.map(({ name }) => name)));
    announce(target, { info: { uuid: "2", name: "B" }, provider });
    announce(target, { info: { uuid: "1", name: "Other" }, provider });
    assert.deepEqual(found, [["A"], ["A", "B"]]);
  });

  it("what is no announcement: passed over", () => {
    const { target, found } = discovered();
    const info = { uuid: "1", name: "A" };
    for (const detail of [
      undefined,
      null,
      7,
      {},
      { info },
      { info, provider: {} },
      { info: { uuid: 1, name: "A" }, provider },
    ]) {
      announce(target, detail);
    }
    announce(target, { info: { uuid: "", name: "A" }, provider });
    assert.deepEqual(found, []);
  });

  it("foreign names: one line of at most 60 characters, never empty", () => {
    const { target, found } = discovered();
    announce(target, { info: { uuid: "1", name: `\u202e${"x".repeat(100)}` }, provider });
    announce(target, { info: { uuid: "2", name: "  " }, provider });
    assert.deepEqual(
      found.at(-1)?.map(({ name }) => name),
      [`?${"x".repeat(59)}`, "Unnamed wallet"],
    );
  });

  it("a flood of wallets: 32 are kept; stopped, none is heard", () => {
    const { target, found, stop } = discovered();
    for (let index = 0; index < 50; index++)
      announce(target, { info: { uuid: `${index}`, name: "A" }, provider });
    assert.equal(found.at(-1)?.length, 32);
    stop();
    const before = found.length;
    announce(target, { info: { uuid: "late", name: "A" }, provider });
    assert.equal(found.length, before);
  });
});
