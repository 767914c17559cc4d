import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { register } from "../../../workers/chain/actions/register.ts";
import type { DatasetReader } from "../../../workers/data/datasetReader.ts";
import type { Run } from "../../../workers/node/run.ts";
import type { Status } from "../../../workers/projector/api.ts";
import { Projection } from "../../../workers/projector/projection.ts";
import { ProjectorService } from "../../../workers/projector/projectorService.ts";
import { FatalError, RetryableError } from "../../../workers/protocol/errors.ts";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { faultyChain, never } from "../../support/faultyChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

/** What is looked at of a run here: its chain. */
const manifest = { beacon: { confirmations: 0 } };

test("ProjectorService: a chain that does not answer, then answers, then begins anew", async (t) => {
  const chain = await faultyChain();
  const { account, signing } = await chain.participant();
  const before: string = await chain.provider.request({ method: "evm_snapshot", params: [] });
  await register(signing, { hotkey: account }, never);
  // Deeper than any reorganisation that is followed.
  await chain.mine(40);
  const contracts = await chain.connect();
  const open = async () => ({ run: { contracts, manifest } as unknown as Run, dataset: {} as DatasetReader });
  const projection = new Projection(join(temporaryFolder(t), "projection.sqlite"));
  const service = new ProjectorService({ open, projection, clock: systemClock, log: silentLog });
  const ended = new AbortController();
  const states: Status["state"][] = [];
  service.onChange(() => states.push(service.status.state));
  const running = service.run(ended.signal);
  t.after(async () => {
    ended.abort();
    await running;
    projection.close();
  });
  assert.throws(() => service.projected, { code: "NOT_READY", status: 503 });
  const until = async (reached: (status: Status) => boolean) => {
    for (let turn = 0; !reached(service.status); turn++) {
      assert.ok(turn < 600, JSON.stringify(service.status));
      await systemClock.sleep(20, never);
    }
  };
  await until(({ state }) => state === "synced");
  assert.equal(service.projected.standing.metagraph.holders().length, 1);
  const { chain: first } = service.status;

  chain.intercept(async () => {
    throw new RetryableError("DOWN", "the test took it down");
  });
  await until(({ problem }) => problem !== null);
  assert.equal(service.projected.standing.metagraph.holders().length, 1, "what was read is still served");
  chain.intercept(undefined);
  await until(({ problem }) => problem === null);

  const { save } = projection;
  let refused = 0;
  projection.save = (...read) => {
    if (refused++ === 0) throw new FatalError("DATABASE_UNAVAILABLE", "the disk is full");
    save.call(projection, ...read);
  };
  const late = (await chain.participant()).signing;
  await register(late, { hotkey: (await chain.participant({}, 0n)).account }, never);
  await until(({ problem }) => refused > 1 && problem === null);
  assert.equal(
    service.projected.standing.metagraph.holders().length,
    2,
    "what could not be kept is read again",
  );
  assert.equal(projection.ofType("Registered").length, 2);

  await chain.provider.request({ method: "evm_revert", params: [before] });
  await chain.mine(60);
  const { hash } = await chain.client.getBlock();
  await until(({ state, head }) => state === "synced" && head?.hash === hash);
  assert.ok(states.includes("reset"), states.join(" "));
  assert.deepEqual(service.projected.standing.metagraph.holders(), []);
  assert.notEqual(service.status.chain, first, "pages know by it that what they show is of another chain");
});
