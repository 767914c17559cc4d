import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  loadWorkerState,
  savedRoot,
  savedRounds,
  saveWorkerState,
} from "../../../workers/database/workerState.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { word } from "../../support/journalPlans.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const sample = (round: number) => ({
  round,
  root: word(round, 1),
  step: 30 * round,
  groups: {
    errorFeedback: [new Float32Array([1, -0, 3e-40]), new Float32Array(0)],
    firstMoments: [new Float32Array(5)],
  },
});
const isCorrupt = (error: unknown) => error instanceof FatalError && error.code === "WORKER_STATE_CORRUPT";

describe("worker state files", () => {
  it("saveWorkerState then loadWorkerState, any shapes, give the same bits", async (test) => {
    const folder = await temporaryFolder(test);
    const tensors = fc.array(fc.float32Array({ maxLength: 20 }), { maxLength: 4 });
    const states = fc.record(
      {
        round: fc.nat(5),
        root: fc.constant(word(1, 1)),
        step: fc.nat(),
        groups: fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,9}$/), tensors, { noNullPrototype: true }),
      },
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        await saveWorkerState(folder, state);
        assert.deepEqual(await loadWorkerState(folder, state.round), state);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it("savedRoot: the root of an intact file; undefined of another round's, a short, a foreign or a missing one", async (test) => {
    const folder = await temporaryFolder(test);
    await saveWorkerState(folder, sample(8));
    assert.equal(await savedRoot(folder, 8), sample(8).root);
    const bytes = await readFile(join(folder, "state-8.bin"));
    const long = Buffer.from(bytes);
    long.writeUInt32LE(2 ** 31, 40);
    for (const wrong of [bytes, bytes.subarray(0, 60), Buffer.alloc(60), Buffer.alloc(0), long]) {
      await writeFile(join(folder, "state-9.bin"), wrong);
      assert.equal(await savedRoot(folder, 9), undefined, `${wrong.length} bytes`);
    }
    assert.equal(await savedRoot(folder, 10), undefined);
  });

  it("saveWorkerState, four rounds, keeps the newest two and no temporary file", async (test) => {
    const folder = await temporaryFolder(test);
    for (const round of [8, 9, 10, 11]) await saveWorkerState(folder, sample(round));
    assert.deepEqual(savedRounds(folder), [11, 10]);
    assert.deepEqual((await readdir(folder)).sort(), ["state-10.bin", "state-11.bin"]);
  });

  it("loadWorkerState, nothing saved, is undefined", async (test) => {
    const folder = join(await temporaryFolder(test), "none");
    assert.equal(await loadWorkerState(folder, 0), undefined);
    assert.deepEqual(savedRounds(folder), []);
  });

  it("loadWorkerState, any single byte changed or the file cut, is WORKER_STATE_CORRUPT", async (test) => {
    const folder = await temporaryFolder(test);
    await saveWorkerState(folder, sample(3));
    const path = join(folder, "state-3.bin");
    const good = await readFile(path);
    for (let index = 0; index < good.length; index += 1) {
      const bad = Buffer.from(good);
      bad[index] ^= 0x41;
      await writeFile(path, bad);
      await assert.rejects(loadWorkerState(folder, 3), isCorrupt, `byte ${index}`);
    }
    await writeFile(path, good.subarray(0, good.length - 1));
    await assert.rejects(loadWorkerState(folder, 3), isCorrupt);
  });
});
