import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import { liveRun } from "../support/liveRun.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const dir = temporaryFolder({ after });
const ended = new AbortController();
after(() => ended.abort());
const rounds = 6;

test("the chain takes back every commit, reveal, attestation and row once: all is sent again as it was, and the states agree", async () => {
  const { signal } = ended;
  const live = await liveRun({ dir, miners: 2, validators: 2, adversaries: [], signal });
  const working = live.participants.filter(({ role }) => role !== "delegator");
  const work = working.map((participant) => {
    const run = participant.role === "validator" ? runValidator : runMiner;
    return run(live.optionsOf(participant), signal);
  });
  const failed = Promise.all(work);
  failed.catch(() => undefined);
  await Promise.race([failed, play()]);

  async function play(): Promise<void> {
    const { history } = live.follower;
    for (let round = 0; round < rounds; round++) {
      const epoch = Math.floor(round / 3) - 1;
      const phases = [
        {
          offset: 10,
          what: () => [...history.commits(round).map(({ digest }) => digest), ...weights(round, epoch)],
        },
        { offset: 610, what: () => history.reveals(round).map(({ digest, salt }) => `${digest} ${salt}`) },
        { offset: 810, what: () => history.attestations(round).map(({ uid, bitmap }) => `${uid} ${bitmap}`) },
      ];
      for (const { offset, what } of phases) {
        const wanted = offset === 10 && epoch >= 0 && round % 3 < 2 ? 4 : 2;
        let first: string[] = [];
        const blocks = await live.reorganise(round, offset, async () => {
          await live.until(`what is due ${offset} s into round ${round}`, () => what().length === wanted);
          first = what().toSorted();
        });
        assert.ok(blocks <= 12, `${blocks} blocks`);
        let looks = 0;
        await live.until(`the same again, ${offset} s into round ${round}`, () => {
          // The chain goes on: what waits behind a lost transaction is seen to block by block.
          if (++looks % 20 === 0) void live.mine();
          return live.follower.rewinds > 0 && what().length === wanted;
        });
        assert.deepEqual(what().toSorted(), first, `${offset} s into round ${round}`);
      }
    }
    await live.goTo(rounds, 1);
    const roots = () => {
      const observations = new Observations();
      for (const { name } of working)
        observations.add(name, new MetricsTail(join(dir, "workers", name, "metrics.jsonl")).read());
      return observations.roots;
    };
    await live.until("the last state everywhere", () => roots().get(rounds)?.size === working.length);
    for (let round = 0; round <= rounds; round++) {
      const found = roots().get(round) ?? new Map();
      assert.equal(new Set(found.values()).size, 1, `round ${round}: ${JSON.stringify([...found])}`);
    }
    assert.ok(live.follower.rewinds >= 3 * rounds, `${live.follower.rewinds} reorganisations`);
  }

  /** Commitments or rows of the epoch before, whichever the round is for. */
  function weights(round: number, epoch: number): string[] {
    const { history } = live.follower;
    if (epoch < 0) return [];
    if (round % 3 === 0) return history.settled.weightCommits(epoch).map(({ commitment }) => commitment);
    return round % 3 === 1 ? history.weightRows(epoch).map(({ row }) => row) : [];
  }
});
