import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { getAddress, parseEther } from "viem";
import { fundVerb } from "../../../scripts/tasks/fund.ts";
import { namedKey } from "../../../scripts/tasks/keys.ts";
import { readBalances } from "../../../workers/chain/actions/readBalances.ts";
import { never } from "../../support/faultyChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

const SOMEBODY = getAddress("0x00000000000000000000000000000000000a11ce");

/** The same hex digits with the case of every letter turned, so that the checksum is wrong. */
const mistyped = SOMEBODY.replace(/(?<=^0x.*)[a-f]/gi, (letter) =>
  letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
);

describe("fund", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  before(async () => {
    bench = await verbBench(dir);
    for (const role of ["coldkey", "hotkey"] as const)
      await namedKey({ dir: bench.dir }, "alice", role, bench.context, "create");
  });

  const fund = (args: object, context = bench.context) => fundVerb({ ...bench.options, ...args }, context);
  const balances = async (address: `0x${string}`) =>
    readBalances(await bench.chain.connect(), address, never);

  it("fund, a name on the local chain, sends coin to the hotkey and tokens to the coldkey", async () => {
    const { json } = await fund({ as: "alice", coin: "2", tokens: "20.5" });
    const [coldkey, hotkey] = [await bench.key("alice", "coldkey"), await bench.key("alice", "hotkey")];
    assert.deepEqual(await balances(hotkey.address), { coin: parseEther("2"), tokens: 0n });
    assert.deepEqual(await balances(coldkey.address), { coin: 0n, tokens: parseEther("20.5") });
    assert.ok(Array.isArray(json.transfers) && json.transfers.length === 2);
  });

  it("fund, one key of a name, sends all to it", async () => {
    await fund({ as: "alice", to: "coldkey", coin: "1" });
    assert.equal((await balances((await bench.key("alice", "coldkey")).address)).coin, parseEther("1"));
  });

  it("fund, from a coldkey to an address, moves that coldkey's tokens", async () => {
    await fund({ from: "alice", to: SOMEBODY, tokens: "0.5" });
    assert.equal((await balances(SOMEBODY)).tokens, parseEther("0.5"));
    assert.equal((await balances((await bench.key("alice", "coldkey")).address)).tokens, parseEther("20"));
  });

  it("fund, under --network with an account, is paid by it", async () => {
    const { account } = await bench.chain.participant();
    const { json } = await fund({ to: SOMEBODY, tokens: "1" }, bench.configured(account));
    assert.equal(json.from, account.address);
  });

  it("fund, more than the payer has, is refused", async () => {
    await rejectsWith(fund({ from: "alice", to: SOMEBODY, tokens: "20.1" }), "INSUFFICIENT_TOKENS");
    await rejectsWith(fund({ from: "alice", to: SOMEBODY, coin: "3" }), "INSUFFICIENT_FUNDS");
  });

  it("fund, exactly the payer's coin, leaves nothing for gas and is refused", async () => {
    const { address } = await bench.key("alice", "coldkey");
    await bench.chain.networkHelpers.setBalance(address, parseEther("1"));
    await rejectsWith(fund({ from: "alice", to: SOMEBODY, coin: "1" }), "INSUFFICIENT_FUNDS");
  });

  it("fund, nothing, to nobody, or to no address, is refused", async () => {
    await rejectsWith(fund({ to: SOMEBODY }), "AMOUNT_MISSING");
    await rejectsWith(fund({ coin: "1" }), "NO_RECIPIENT");
    await rejectsWith(fund({ to: "0x12", coin: "1" }), "ADDRESS_INVALID");
    await rejectsWith(fund({ to: mistyped, coin: "1" }), "ADDRESS_INVALID");
    await rejectsWith(fund({ as: "nobody", coin: "1" }), "KEY_FILE_MISSING");
  });

  it("fund, another chain and no payer named, is refused", async () => {
    const { rpcUrl: rpc, registry } = bench.file;
    await bench.elsewhere(() => rejectsWith(fund({ rpc, registry, to: SOMEBODY, coin: "1" }), "NO_PAYER"));
  });
});
