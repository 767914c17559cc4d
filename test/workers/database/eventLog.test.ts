import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EventLog } from "../../../workers/database/eventLog.ts";
import type { SeenBlock } from "../../../workers/database/reading.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { EventScript, hashOf } from "../protocol/eventScript.ts";

const { events } = new EventScript()
  .at(900)
  .register(1n, 0)
  .stake(1n, 10n ** 24n)
  .permit(0, 1n, 0, 2n ** 255n)
  .inRound(0, 1)
  .commit(0, 1n)
  .inRound(0, 13)
  .reveal(0, 1n, 0)
  .inRound(0, 17)
  .attest(0, 1n, 0, 1n);
const seen = [5, 9].map(
  (number): SeenBlock => ({
    ...{ number: BigInt(number), timestamp: number, hash: hashOf(`${number}`) },
    ...{ parentHash: hashOf("parent"), mixHash: hashOf("mix") },
  }),
);

test("EventLog, saved in parts, gives the same events and headers after it was opened again", (t) => {
  const path = join(temporaryFolder(t), "events.sqlite");
  const log = new EventLog(path, "run");
  assert.deepEqual(log.load(), { events: [], seen: [] });
  log.save({ events: events.slice(0, 3), seen: seen.slice(0, 1) });
  log.save({ events: events.slice(3), seen });
  log.close();
  const again = new EventLog(path, "run");
  assert.deepEqual(again.load(), { events, seen });
  again.close();
});

test("EventLog, rewound, drops what stands above and takes what replaces it", (t) => {
  const log = new EventLog(join(temporaryFolder(t), "events.sqlite"), "run");
  log.save({ events, seen });
  const kept = events.filter(({ blockNumber }) => blockNumber <= 900n);
  const instead = new EventScript().inRound(0, 2).commit(0, 1n).events;
  log.save({ events: instead, seen }, 900n);
  assert.deepEqual(log.load().events, [...kept, ...instead]);
  log.close();
});

test("EventLog, of another run, or damaged: holds nothing, and takes what is read anew", (t) => {
  const path = join(temporaryFolder(t), "events.sqlite");
  const log = new EventLog(path, "run");
  log.save({ events, seen });
  log.close();
  const other = new EventLog(path, "another run");
  assert.deepEqual(other.load(), { events: [], seen: [] });
  other.close();
  writeFileSync(path, "SQLite format 3\0, and then nothing that is one");
  const anew = new EventLog(path, "run");
  assert.deepEqual(anew.load(), { events: [], seen: [] });
  anew.save({ events, seen });
  assert.deepEqual(anew.load(), { events, seen });
  assert.throws(
    () => new EventLog(path, "run"),
    (error) => error instanceof FatalError && error.code === "DATABASE_LOCKED",
  );
  anew.close();
});

test("EventLog, texts that are taken for numbers: come back as they were", (t) => {
  const log = new EventLog(join(temporaryFolder(t), "events.sqlite"), "run");
  const event = { type: "IdentitySet", neuronId: 5n, name: "5n", url: "\\5n" } as const;
  log.save({ events: [{ ...event, blockNumber: 7n, logIndex: 3, time: 7 }], seen });
  assert.deepEqual(log.load().events, [{ ...event, blockNumber: 7n, logIndex: 3, time: 7 }]);
  log.close();
});
