import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseEther } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { registerVerb } from "../../../scripts/tasks/register.ts";
import { readBalances } from "../../../workers/chain/actions/readBalances.ts";
import { readNeuron } from "../../../workers/chain/actions/readNeuron.ts";
import { never } from "../../support/faultyChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

describe("register", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  before(async () => {
    bench = await verbBench(dir);
  });

  it("register, a new name on the local chain, makes keys, is funded and holds a uid", async () => {
    const { json } = await registerVerb({ ...bench.options, as: "alice" }, bench.context);
    const [coldkey, hotkey] = [await bench.key("alice", "coldkey"), await bench.key("alice", "hotkey")];
    const run = await bench.chain.connect();
    assert.deepEqual(await readNeuron(run, hotkey.address, never), { neuronId: 1n, uid: 0 });
    const { uid, neuronId, coldkey: owner, hotkey: worker, burned } = json;
    const expected = { uid: 0, neuronId: "1", owner: coldkey.address, worker: hotkey.address };
    assert.deepEqual({ uid, neuronId, owner, worker }, expected);
    assert.ok(Number(burned) > 0.9 && Number(burned) <= 1);
    assert.equal(bench.said.length, 2, "coldkey and hotkey were funded, and it was said");
    assert.ok((await readBalances(run, hotkey.address, never)).coin > 0n);
  });

  it("register, a name that is registered, is refused and burns nothing", async () => {
    const run = await bench.chain.connect();
    const { address } = await bench.key("alice", "coldkey");
    const held = await readBalances(run, address, never);
    await rejectsWith(registerVerb({ ...bench.options, as: "alice" }, bench.context), "ALREADY_REGISTERED");
    assert.deepEqual(await readBalances(run, address, never), held);
  });

  it("register, under --network with an account, has that account as coldkey", async () => {
    const { account } = await bench.chain.participant();
    const { json } = await registerVerb({ ...bench.options, as: "carol" }, bench.configured(account));
    assert.equal(json.coldkey, account.address);
    await rejectsWith(bench.key("carol", "coldkey"), "KEY_FILE_MISSING");
  });

  it("register, a maximum below the price, is refused by the contract", async () => {
    const args = { ...bench.options, as: "dave", maxBurn: "0.05" };
    await rejectsWith(registerVerb(args, bench.context), "CONTRACT_REVERT", "BurnAboveMaximum");
  });

  it("register, on another chain without coin, then without tokens, is refused and nobody pays", async () => {
    const { file, options, context, chain } = bench;
    const args = { ...options, as: "erin", rpc: file.rpcUrl, registry: file.registry };
    await bench.elsewhere(async () => {
      const saidBefore = bench.said.length;
      await rejectsWith(registerVerb(args, context), "INSUFFICIENT_FUNDS");
      await chain.networkHelpers.setBalance((await bench.key("erin", "coldkey")).address, parseEther("1"));
      await rejectsWith(registerVerb(args, context), "INSUFFICIENT_TOKENS");
      assert.equal(bench.said.length, saidBefore);
    });
  });

  it("register, no name or one that leaves the folder, is refused", async () => {
    await rejectsWith(registerVerb(bench.options, bench.context), "NO_IDENTITY");
    for (const as of ["", "../alice", "a/b", ".hidden"]) {
      await rejectsWith(registerVerb({ ...bench.options, as }, bench.context), "NAME_INVALID");
    }
  });

  it("register, an account that the file of --coldkey does not hold, is refused", async () => {
    const account = privateKeyToAccount(generatePrivateKey());
    const args = { ...bench.options, as: "frank", coldkey: `${bench.dir}/missing.json` };
    await rejectsWith(registerVerb(args, bench.configured(account)), "KEY_FILE_MISSING");
  });
});
