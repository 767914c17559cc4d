import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { SeenBlock } from "../../../workers/database/reading.ts";
import { isStanding, Projection } from "../../../workers/projector/projection.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { clock, EventScript, hashOf, hotkeyOf } from "../protocol/eventScript.ts";

const validators = 2n ** 0n;
const rounds = 7;

/** Three neurons, the first a validator; each round the others commit and reveal, and it attests. */
function script(): EventScript {
  const events = new EventScript().at(900);
  for (const uid of [0, 1, 2]) events.register(BigInt(uid + 1), uid).stake(BigInt(uid + 1), 10n ** 24n);
  events.permit(0, 1n, 0, validators);
  for (let round = 0; round < rounds; round++) {
    for (const uid of [1, 2]) events.inRound(round, 1 + uid).commit(round, BigInt(uid + 1));
    for (const uid of [1, 2]) events.inRound(round, 12 + uid).reveal(round, BigInt(uid + 1), uid);
    events.inRound(round, 17).attest(round, 1n, 0, 0b110n);
  }
  return events;
}

const seen = [5].map(
  (number): SeenBlock => ({
    ...{ number: BigInt(number), timestamp: number, hash: hashOf(`${number}`) },
    ...{ parentHash: hashOf("parent"), mixHash: hashOf("mix") },
  }),
);

function projectionOf(t: TestContext): Projection {
  const projection = new Projection(join(temporaryFolder(t), "projection.sqlite"));
  t.after(() => projection.close());
  return projection;
}

const span = (from: number, to: number) => ({
  from,
  to,
  firstEpoch: 0,
  lastEpoch: 9,
  poolsFrom: 0,
  before: 10 ** 9,
});

test("Projection, window of any rounds: a history of it answers for them as one of all events", (t) => {
  const projection = projectionOf(t);
  const { events } = script();
  projection.save({ events, seen });
  const whole = new RunHistory(clock);
  whole.apply(events);
  fc.assert(
    fc.property(fc.nat(rounds - 1), fc.nat(rounds - 1), (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const part = new RunHistory(clock);
      part.apply(projection.window(span(from, to)));
      for (let round = from; round <= to; round++) {
        assert.deepEqual(part.eligible(round), whole.eligible(round));
        assert.deepEqual(part.commits(round), whole.commits(round));
        assert.equal(part.saltXor(round), whole.saltXor(round));
      }
      const outside = Array.from({ length: rounds }, (_, round) => round).filter(
        (round) => round < from || round > to,
      );
      for (const round of outside) assert.deepEqual(part.commits(round), []);
    }),
  );
});

test("Projection, saved in any parts and rewound in between: holds what a chain without the replaced blocks has", (t) => {
  const { events } = script();
  const last = Number(events.at(-1)?.blockNumber ?? 0n);
  fc.assert(
    fc.property(fc.nat(events.length), fc.integer({ min: 0, max: last }), (cut, fork) => {
      const projection = projectionOf(t);
      projection.save({ events: events.slice(0, cut), seen });
      const rest = events.filter((event, index) => event.blockNumber > BigInt(fork) || index >= cut);
      projection.save({ events: rest, seen }, BigInt(fork));
      assert.equal(projection.eventCount(), events.length);
      assert.deepEqual(projection.window(span(0, rounds)), events);
      projection.close();
    }),
    { numRuns: 25 },
  );
});

test("Projection, standing: what isStanding says of each event, so that a restart has what was there before", (t) => {
  const projection = projectionOf(t);
  const { events } = script();
  projection.save({ events, seen });
  const kept = events.filter(isStanding);
  assert.deepEqual(projection.standing(), kept);
  assert.ok(kept.length > 0 && kept.length < events.length);
});

test("Projection, roundCounts and lastReveal: of the rounds asked for", (t) => {
  const projection = projectionOf(t);
  projection.save({ events: script().events, seen });
  const counted = { commits: 2, reveals: 2, attestations: 1, bytes: 200 };
  assert.deepEqual(projection.roundCounts(2, 3), [
    { round: 2, ...counted },
    { round: 3, ...counted },
  ]);
  assert.deepEqual([projection.lastReveal(2n), projection.lastReveal(1n)], [rounds - 1, undefined]);
  assert.deepEqual(projection.seen(), seen);
});

test("Projection, claimed for another run: empty; for the same again: kept", (t) => {
  const projection = projectionOf(t);
  assert.equal(projection.claim("one"), false);
  projection.save({ events: script().events, seen });
  assert.equal(projection.claim("one"), false);
  assert.ok(projection.eventCount() > 0);
  assert.equal(projection.claim("another"), true);
  assert.deepEqual([projection.eventCount(), projection.seen()], [0, []]);
});

test("ReportTable, take: numbers only upwards, the later row of a round in place of the earlier, old evaluations gone", (t) => {
  const { reports } = projectionOf(t);
  const take = (sequence: number, round: number, row: string, type = "heldOutLoss") =>
    reports.take(hotkeyOf(1n), 1n, sequence, [{ type, round, row }]);
  assert.deepEqual(
    [take(5, 1, "a"), take(5, 2, "b"), take(4, 2, "c"), take(6, 1, "d")],
    [true, false, false, true],
  );
  assert.deepEqual(reports.ofType("heldOutLoss", 0, 9), [{ neuronId: 1n, round: 1, row: "d" }]);
  assert.equal(reports.lastReported("heldOutLoss"), 1);
  assert.equal(reports.lastReported("evaluation"), undefined);
  take(7, 3, "old", "evaluation");
  take(8, 600, "new", "evaluation");
  assert.deepEqual(
    reports.ofType("evaluation", 0, 1_000).map(({ round }) => round),
    [600],
  );
});
