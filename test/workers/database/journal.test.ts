import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Journal } from "../../../workers/database/journal.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { updatePlan, weightsPlan, word } from "../../support/journalPlans.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const withCode = (code: string) => (error: unknown) => error instanceof FatalError && error.code === code;
const identity = { chainId: "31337", hotkey: word(1, 9) };
const planned = { status: "planned", commitTransaction: undefined, revealTransaction: undefined };

describe("Journal", () => {
  it("planUpdate, then opened again, gives the plan as it was", async (test) => {
    const path = join(await temporaryFolder(test), "journal");
    const journal = new Journal(path, identity);
    assert.deepEqual(journal.planUpdate(updatePlan(4)), { ...updatePlan(4), ...planned });
    journal.close();
    const again = new Journal(path, identity);
    assert.deepEqual(again.update(4), { ...updatePlan(4), ...planned });
    assert.equal(again.update(5), undefined);
    again.close();
  });

  it("planUpdate, the same twice, gives the entry with its status", async (test) => {
    const journal = new Journal(join(await temporaryFolder(test), "journal"), identity);
    journal.planUpdate(updatePlan(4));
    journal.markUpdate(4, "committed", word(1, 1));
    const entry = journal.planUpdate(updatePlan(4));
    assert.equal(entry.status, "committed");
    assert.equal(entry.commitTransaction, word(1, 1));
    journal.close();
  });

  const other = updatePlan(5);
  const changes = {
    salt: { salt: other.salt },
    commitment: { commitment: other.commitment },
    content: { content: other.content },
    "content size": { content: { ...updatePlan(4).content, size: 1 } },
    dataRoot: { dataRoot: other.dataRoot },
    plaintext: { plaintext: other.plaintext },
    neuronId: { neuronId: 8n },
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`planUpdate, another ${name} for the round, is JOURNAL_CONFLICT and keeps the first`, async (test) => {
      const journal = new Journal(join(await temporaryFolder(test), "journal"), identity);
      journal.planUpdate(updatePlan(4));
      assert.throws(() => journal.planUpdate({ ...updatePlan(4), ...change }), withCode("JOURNAL_CONFLICT"));
      assert.deepEqual(journal.update(4), { ...updatePlan(4), ...planned });
      journal.close();
    });
  }

  it("planWeights, another row for the epoch, is JOURNAL_CONFLICT", async (test) => {
    const journal = new Journal(join(await temporaryFolder(test), "journal"), identity);
    const entry = journal.planWeights(weightsPlan(2));
    assert.deepEqual(journal.planWeights(weightsPlan(2)), entry);
    assert.throws(
      () => journal.planWeights({ ...weightsPlan(2), row: "0x0003" }),
      withCode("JOURNAL_CONFLICT"),
    );
    assert.deepEqual(journal.weights(2), { ...weightsPlan(2), ...planned });
    journal.close();
  });

  it("markUpdate, backwards or unplanned, is JOURNAL_ORDER", async (test) => {
    const journal = new Journal(join(await temporaryFolder(test), "journal"), identity);
    assert.throws(() => journal.markUpdate(4, "committed", word(1, 1)), withCode("JOURNAL_ORDER"));
    journal.planUpdate(updatePlan(4));
    journal.markUpdate(4, "revealed", word(1, 1));
    assert.throws(() => journal.markUpdate(4, "committed", word(1, 1)), withCode("JOURNAL_ORDER"));
    journal.planWeights(weightsPlan(1));
    journal.markWeights(1, "committed", word(1, 1));
    journal.markWeights(1, "revealed", word(2, 1));
    assert.equal(journal.weights(1)?.revealTransaction, word(2, 1));
    journal.close();
  });

  it("openUpdates and openWeights, some revealed and some old, give the rest in order", async (test) => {
    const journal = new Journal(join(await temporaryFolder(test), "journal"), identity);
    for (const round of [9, 3, 6, 7]) journal.planUpdate(updatePlan(round));
    for (const epoch of [2, 1]) journal.planWeights(weightsPlan(epoch));
    journal.markUpdate(7, "revealed", word(1, 1));
    assert.deepEqual(
      journal.openUpdates(6).map(({ round }) => round),
      [6, 9],
    );
    assert.deepEqual(
      journal.openWeights(0).map(({ epoch }) => epoch),
      [1, 2],
    );
    assert.equal(journal.lastRevealedUpdate()?.round, 7);
    journal.close();
  });

  it("open, another identity, is JOURNAL_OTHER_RUN", async (test) => {
    const path = join(await temporaryFolder(test), "journal");
    new Journal(path, identity).close();
    assert.throws(() => new Journal(path, { ...identity, chainId: "1" }), withCode("JOURNAL_OTHER_RUN"));
    assert.throws(() => new Journal(path, { ...identity, more: "1" }), withCode("JOURNAL_OTHER_RUN"));
    new Journal(path, identity).close();
  });

  it("open, held by another, is DATABASE_LOCKED", async (test) => {
    const path = join(await temporaryFolder(test), "journal");
    const holder = new Journal(path, identity);
    assert.throws(() => new Journal(path, identity), withCode("DATABASE_LOCKED"));
    holder.close();
  });

  it("planUpdate, process killed with SIGKILL at any moment, has on disk all that it returned from", async (test) => {
    const path = join(await temporaryFolder(test), "journal");
    const script = fileURLToPath(new URL("../../support/journalWriter.ts", import.meta.url));
    const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
      if (output.split("\n").length > 40) child.kill("SIGKILL");
    });
    await once(child, "close");
    const said = output.split("\n").slice(0, -1).map(Number);
    assert.ok(said.length >= 40, `${said.length} rounds`);
    const journal = new Journal(path, { run: "crash" });
    for (const round of said) assert.deepEqual(journal.update(round), { ...updatePlan(round), ...planned });
    const next = journal.openUpdates(0).length;
    assert.ok(next === said.length || next === said.length + 1, "at most the one under way is there besides");
    journal.planUpdate(updatePlan(next));
    journal.close();
  });
});
