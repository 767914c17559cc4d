import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Projection } from "../../../../workers/projector/projection.ts";
import { shownOutcomes } from "../../../../workers/projector/views/scores.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";

test("shownOutcomes, a gathered update, reports of a state that agree, that do not, that say nothing of it, and none: what most say", (t) => {
  const projection = new Projection(join(temporaryFolder(t), "projection.sqlite"));
  t.after(() => projection.close());
  const said: readonly (readonly [round: number, leftOut: readonly number[] | undefined])[] = [
    [4, [2]],
    [4, [2, 3]],
    [4, []],
    [5, [2]],
    [5, undefined],
  ];
  for (const [index, [round, leftOut]] of said.entries()) {
    const row = JSON.stringify({ type: "state", round, root: "0x01", gathered: [1, 2, 3], leftOut });
    projection.reports.take(`0x${`${index}`.padStart(40, "0")}`, BigInt(index + 1), 1, [
      { type: "state", round, row },
    ]);
  }
  const shown = shownOutcomes(projection, 3, 4);
  const leftOut = (round: number, uid: number) => shown("gathered", round, uid) === "leftOut";
  const found = [3, 4].map((round) => [1, 2, 3].filter((uid) => leftOut(round, uid)));
  assert.deepEqual(found, [[2], []]);
  assert.equal(shownOutcomes(projection, 7, 9)("gathered", 8, 2), "gathered");
  assert.equal(shown("ungathered", 3, 2), "ungathered");
});
