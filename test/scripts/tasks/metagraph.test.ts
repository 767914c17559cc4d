import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { metagraphVerb } from "../../../scripts/tasks/metagraph.ts";
import { registerVerb } from "../../../scripts/tasks/register.ts";
import { stakeVerb } from "../../../scripts/tasks/stake.ts";
import { writeNetworkFile } from "../../../workers/cli/networkFile.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

const DEAD_RPC = "http://127.0.0.1:9";

describe("metagraph", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  before(async () => {
    bench = await verbBench(dir);
  });

  const show = (more: object = {}) => metagraphVerb({ ...bench.options, ...more }, bench.context);

  it("metagraph, nobody registered, before genesis, has no rows, round and phase", async () => {
    const { json } = await show();
    assert.deepEqual([json.neurons, json.epoch, json.round, json.phase], [[], 0, null, null]);
  });

  it("metagraph, a miner and a validator, shows their stake and who may validate", async () => {
    await registerVerb({ ...bench.options, as: "alice" }, bench.context);
    await registerVerb({ ...bench.options, as: "bob" }, bench.context);
    await bench.chain.goTo(4, 700);
    await stakeVerb({ ...bench.options, as: "bob", amount: "12.5", permit: true }, bench.context);
    const { json, lines } = await show();
    assert.deepEqual([json.epoch, json.round, json.phase], [1, 4, "reveal"]);
    assert.ok(Array.isArray(json.neurons));
    const rows = json.neurons.map(({ uid, neuronId, stake, permitted, permittedNext, earned }) => {
      return { uid, neuronId, stake, permitted, permittedNext, earned };
    });
    const common = { permitted: false, earned: "0" };
    assert.deepEqual(rows, [
      { uid: 0, neuronId: "1", stake: "0", permittedNext: false, ...common },
      { uid: 1, neuronId: "2", stake: "12.5", permittedNext: true, ...common },
    ]);
    assert.equal(lines.length, 5, "header, blank, names, two neurons");
    const widths = new Set(lines.slice(2).map((line) => line.length));
    assert.equal(widths.size, 1, "the last column is right-aligned");
  });

  it("metagraph, for a coldkey, adds its own stake on each neuron", async () => {
    await stakeVerb({ ...bench.options, as: "dora", uid: "1", amount: "2", permit: false }, bench.context);
    const { json } = await show({ as: "dora" });
    assert.ok(Array.isArray(json.neurons));
    assert.deepEqual(
      json.neurons.map(({ stake, ownStake }) => [stake, ownStake]),
      [
        ["0", "0"],
        ["14.5", "2"],
      ],
    );
    await rejectsWith(show({ as: "nobody" }), "KEY_FILE_MISSING");
  });

  it("metagraph, the registry by hand, needs no network.json", async (test) => {
    const { rpcUrl: rpc, registry } = bench.file;
    const { json } = await show({ dir: temporaryFolder(test), rpc, registry });
    assert.equal(json.registry, registry);
  });

  it("metagraph, no network.json or an RPC that is down, is refused", async (test) => {
    await rejectsWith(show({ dir: temporaryFolder(test) }), "NETWORK_FILE_MISSING");
    await rejectsWith(show({ rpc: DEAD_RPC }), "RPC_UNREACHABLE");
  });

  it("metagraph, network.json of another chain, is refused", async (test) => {
    const dir = temporaryFolder(test);
    await writeNetworkFile(dir, { ...bench.file, chainId: 1 });
    await rejectsWith(show({ dir }), "WRONG_CHAIN");
  });

  it("metagraph, no contract or another contract at the registry's address, is refused", async () => {
    const rpc = bench.file.rpcUrl;
    await rejectsWith(show({ rpc, registry: `0x${"11".repeat(20)}` }), "NO_CODE");
    await rejectsWith(show({ rpc, registry: bench.chain.contracts.token }), "NOT_A_REGISTRY");
    await rejectsWith(show({ rpc, registry: "weft.eth" }), "ADDRESS_INVALID");
  });
});
