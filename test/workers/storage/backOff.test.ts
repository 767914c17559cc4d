import assert from "node:assert/strict";
import { it } from "node:test";
import { BackOff } from "../../../workers/storage/backOff.ts";
import { ManualClock } from "../../support/ManualClock.ts";

const sources = [{ name: "a" }, { name: "b" }, { name: "c" }];
const orderOf = (backOff: BackOff) =>
  backOff
    .order(sources)
    .map(({ name }) => name)
    .join("");

it("BackOff.order, nobody failed, keeps the order given", () => {
  assert.equal(orderOf(new BackOff(new ManualClock())), "abc");
});

it("BackOff.order, sources that failed, come last, the one that is done first before", async () => {
  const clock = new ManualClock();
  const backOff = new BackOff(clock);
  backOff.failed("a", 0);
  await clock.advance(500);
  backOff.failed("b", 500);
  assert.equal(orderOf(backOff), "cab");
  await clock.advance(500);
  assert.equal(orderOf(backOff), "acb");
  await clock.advance(500);
  assert.equal(orderOf(backOff), "abc");
});

it("BackOff.failed, again and again, waits twice as long each time, a minute at most", async () => {
  const clock = new ManualClock();
  const backOff = new BackOff(clock);
  for (const ms of [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000)) {
    backOff.failed("a", clock.now());
    await clock.advance(ms - 1);
    assert.equal(orderOf(backOff), "bca", `${ms} ms`);
    await clock.advance(1);
    assert.equal(orderOf(backOff), "abc", `${ms} ms`);
  }
});

it("BackOff.failed, several requests under way at once, counts one failure", async () => {
  const clock = new ManualClock();
  const backOff = new BackOff(clock);
  await clock.advance(100);
  for (let request = 0; request < 8; request++) backOff.failed("a", 50);
  await clock.advance(1000);
  assert.equal(orderOf(backOff), "abc");
});

it("BackOff.served, a request after the failure, ends it; one sent before proves nothing", async () => {
  const clock = new ManualClock();
  const backOff = new BackOff(clock);
  await clock.advance(100);
  backOff.failed("a", 50);
  backOff.served("a", 60);
  assert.equal(orderOf(backOff), "bca");
  backOff.served("a", 100);
  assert.equal(orderOf(backOff), "abc");
});
