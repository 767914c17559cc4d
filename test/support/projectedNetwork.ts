import assert from "node:assert/strict";
import { join } from "node:path";
import { createTestClient, http } from "viem";
import { adversaryPolicy } from "../../lab/adversaries/registry.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import type { RoundPage, RoundsPage } from "../../workers/projector/api.ts";
import { liveRun } from "./liveRun.ts";
import { startProjector } from "./projector.ts";

/** Epoch 0 settles in the last. */
export const projectedRounds = 6;
/** Replaced once by another chain, in its commit phase. */
const replaced = 2;

export type ProjectedNetwork = Awaited<ReturnType<typeof projectedNetwork>>;

/** Two honest miners, a copycat and two validators, played for `projectedRounds` rounds while they report to a projector. */
export async function projectedNetwork(dir: string, dashboard?: string) {
  const ended = new AbortController();
  const resting = new AbortController();
  const live = await liveRun({
    ...{ dir, miners: 2, validators: 2, adversaries: ["copycat"] },
    signal: ended.signal,
  });
  const signal = AbortSignal.any([ended.signal, resting.signal]);
  const validator = live.participants.find(({ role }) => role === "validator");
  assert.ok(validator !== undefined);
  const { store, folder } = live.optionsOf(validator);
  const text = { store, folders: [join(folder, "model")] };
  const projector = await startProjector(live.run, join(dir, "projector"), { dashboard, text });
  const { rpcUrl } = live.optionsOf(live.participants[0]);
  const chain = createTestClient({ mode: "hardhat", transport: http(rpcUrl) });
  const unplayed = await chain.snapshot();
  const working = live.participants.filter(({ role }) => role !== "delegator");
  const work = working.map((participant) => {
    const options = { ...live.optionsOf(participant), reportTo: projector.url };
    const { role, behaviour } = participant;
    if (role === "validator") return runValidator(options, signal);
    return runMiner(options, signal, behaviour === "honest" ? undefined : adversaryPolicy(behaviour));
  });
  const failed = Promise.all(work);
  failed.catch(() => undefined);
  await Promise.race([failed, play()]);

  async function page<Page>(path: string): Promise<Page> {
    const { status, body } = await projector.ask<Page>(path);
    assert.equal(status, 200, `${path}: ${JSON.stringify(body)}`);
    return body;
  }

  async function rounds(): Promise<RoundsPage["rounds"]> {
    return (await page<RoundsPage>("rounds")).rounds;
  }

  async function play(): Promise<void> {
    const { history } = live.follower;
    for (let round = 0; round < projectedRounds; round++) {
      const miners = round === 0 ? 2 : 3;
      const committed = () =>
        live.until(`commits of ${round}`, () => history.commits(round).length === miners);
      if (round === replaced) {
        await live.reorganise(round, 1, async () => {
          await committed();
          await sees(`commits of ${round}`, async () => (await rounds())[round]?.commits === miners);
        });
      } else {
        await live.goTo(round, 1);
      }
      await committed();
      await live.goTo(round, 601);
      await live.until(`reveals of ${round}`, () => history.reveals(round).length === miners);
      await live.goTo(round, 801);
      await live.until(`attestations of ${round}`, () => history.attestations(round).length === 2);
      const epoch = Math.floor(round / 3) - 1;
      if (epoch >= 0 && round % 3 === 2)
        await live.until(`settlement of ${epoch}`, () => history.settlements.at(-1)?.epoch === epoch);
    }
    await live.goTo(projectedRounds, 1);
    await sees("the last round's loss", async () => (await rounds()).at(-1)?.heldOutLoss != null);
    await sees("the last round's scores", async () => {
      const { updates }: RoundPage = await page(`rounds/${projectedRounds - 1}`);
      return updates.filter(({ evaluations }) => evaluations.length === 2).length === 3;
    });
  }

  return {
    live,
    projector,
    /** What the projector answers; fails where it refuses. */
    page,
    rounds,
    /** Stops the workers; chain and projector go on. */
    async stopWorkers(): Promise<void> {
      resting.abort(new Error("stopped by the test"));
      await failed.catch(() => undefined);
    },
    /** Another chain takes the place of all that was played, deeper than any reorganisation that is followed. */
    async beginAnew(): Promise<void> {
      await chain.revert({ id: unplayed });
      await chain.mine({ blocks: 1_000 });
    },
    rpcUrl,
    async close(): Promise<void> {
      ended.abort(new Error("the tests are over"));
      await failed.catch(() => undefined);
      await projector.close();
    },
  };
}

/** Waits until something asked for again and again is so. */
export async function sees(what: string, reached: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await reached()); turn++) {
    assert.ok(turn < 1_200, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
