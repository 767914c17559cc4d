import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProjectedRun } from "../../../workers/projector/projectedRun.ts";
import { RoundOutcomes } from "../../../workers/projector/roundOutcomes.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { clock, EventScript, hashOf } from "../protocol/eventScript.ts";

const never = new AbortController().signal;

/** A validator and a miner whose update of round 0 is attested; the beacon comes when it is told. */
function bench() {
  const { events } = new EventScript()
    .at(900)
    .register(1n, 0)
    .stake(1n, 10n ** 24n)
    .permit(0, 1n, 0, 1n)
    .register(2n, 1)
    .inRound(0, 1)
    .commit(0, 2n)
    .inRound(0, 13)
    .reveal(0, 2n, 1)
    .inRound(0, 17)
    .attest(0, 1n, 0, 0b10n);
  const history = new RunHistory(clock);
  history.apply(events);
  const beacon = Promise.withResolvers<string>();
  let windows = 0;
  const projected = {
    run: { contracts: { clock }, manifest: { outer: { gatherSize: 1 } } },
    head: { timestamp: clock.genesis + 2 * clock.period },
    window() {
      windows += 1;
      return { history, events };
    },
    beacons: () => ({ of: () => beacon.promise }),
  } as unknown as ProjectedRun;
  const tell = () => beacon.resolve(hashOf("rank"));
  return { outcomes: new RoundOutcomes(projected), tell, windows: () => windows };
}

test("RoundOutcomes, a round that is over: found once", async () => {
  const { outcomes, tell, windows } = bench();
  tell();
  const [first] = await outcomes.of(0, 0, never);
  const [second] = await outcomes.of(0, 0, never);
  assert.deepEqual(
    [first.get(2n)?.outcome, first.get(2n)?.bytes, first.get(1n)?.outcome],
    ["gathered", 100, "silent"],
  );
  assert.equal(second, first);
  assert.equal(windows(), 1);
});

test("RoundOutcomes, blocks replaced while a round is found: what was found on them is not kept", async () => {
  const { outcomes, tell, windows } = bench();
  const finding = outcomes.of(0, 0, never);
  outcomes.forget();
  tell();
  await finding;
  await outcomes.of(0, 0, never);
  assert.equal(windows(), 2);
});
