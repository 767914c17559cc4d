import assert from "node:assert/strict";
import { test } from "node:test";
import { sparingProgress } from "../../../workers/runtime/progress.ts";

test("sparingProgress, work that goes on: nothing before the time is over, then once in as long, and no line made in vain", () => {
  let now = 100;
  let made = 0;
  const said: string[] = [];
  const clock = { now: () => now, wall: () => now, sleep: () => Promise.resolve() };
  const progress = sparingProgress((line) => void said.push(line), clock, 50);
  for (; now < 260; now += 10)
    progress(() => {
      made += 1;
      return `at ${now}`;
    });
  assert.deepEqual(said, ["at 150", "at 200", "at 250"]);
  assert.equal(made, said.length);
});
