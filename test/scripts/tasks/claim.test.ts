import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { network } from "hardhat";
import { type Hex, parseEther, zeroAddress } from "viem";
import { serveRpc } from "../../../lab/chain/rpcServer.ts";
import { claimVerb } from "../../../scripts/tasks/claim.ts";
import { namedKey } from "../../../scripts/tasks/keys.ts";
import { writeNetworkFile } from "../../../workers/cli/networkFile.ts";
import { runAbis } from "../../support/deployedRun.ts";
import { type PlayedRun, type Player, playRun, WEFT } from "../../support/playedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, unattended } from "../../support/verbBench.ts";

const TREASURY = "0x000000000000000000000000000000000000dEaD";

describe("claim, after a settled epoch", () => {
  let play: PlayedRun;
  let miner: Player;
  const dir = temporaryFolder({ after });

  before(async () => {
    const connection = await network.create();
    play = await playRun(connection);
    const [, minerCold, minerHot, cold, hot] = play.accounts;
    miner = await play.register(minerCold!, minerHot!);
    const validator = await play.register(cold!, hot!);
    await play.stake(cold!, validator.neuronId, 100n * WEFT);
    await play.claimPermit(validator);
    await play.goTo(3, 0);
    await play.commitWeights(validator, 0, [65_535, 0]);
    await play.goTo(4, 0);
    await play.revealWeights(validator, 0, [65_535, 0]);
    await play.goTo(5, 0);
    await play.settleEpoch(hot!, await play.prepare(0));
    const rpcUrl = await serveRpc(({ method, params }) =>
      connection.provider.request({ method, params: [...params] }),
    );
    const registry = play.run.runRegistry;
    await writeNetworkFile(dir, { rpcUrl, chainId: 31337, registry, store: dir, deployBlock: 0 });
    const { address } = await namedKey({ dir }, "anyone", "coldkey", unattended, "create");
    await connection.networkHelpers.setBalance(address, parseEther("1"));
  });

  const claim = (more: object) => claimVerb({ dir, json: false, as: "anyone", ...more }, unattended);
  const balanceOf = (account: Hex) =>
    play.client.readContract({
      address: play.run.token,
      abi: runAbis.token,
      functionName: "balanceOf",
      args: [account],
    });

  it("claim, a neuron's earnings sent by anyone, go to its coldkey, once", async () => {
    const held = await balanceOf(miner.coldkey);
    const { json } = await claim({ uid: String(miner.uid) });
    const paid = parseEther(String(json.claimed));
    assert.ok(paid > 0n);
    assert.equal(await balanceOf(miner.coldkey), held + paid);
    await rejectsWith(claim({ neuron: String(miner.neuronId) }), "CONTRACT_REVERT", "NothingToClaim");
  });

  it("claim, an account's treasury part, goes to the account, once", async () => {
    const { json } = await claim({ account: TREASURY });
    const paid = parseEther(String(json.claimed));
    assert.ok(paid > 0n);
    assert.equal(await balanceOf(TREASURY), paid);
    await rejectsWith(claim({ account: TREASURY }), "CONTRACT_REVERT", "NothingToClaimFor");
    await rejectsWith(claim({ account: zeroAddress.slice(1) }), "ADDRESS_INVALID");
  });

  it("claim, a name that never registered, is refused", async () => {
    await namedKey({ dir }, "anyone", "hotkey", unattended, "create");
    await rejectsWith(claim({}), "NOT_REGISTERED");
  });
});
