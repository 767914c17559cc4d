import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { EvaluationBook } from "../../../workers/database/evaluationBook.ts";
import { WeftError } from "../../../workers/protocol/errors.ts";
import { evaluateNext } from "../../support/inventedRounds.ts";

const file = () => join(mkdtempSync(join(tmpdir(), "weft-book-")), "book.sqlite");

describe("EvaluationBook", () => {
  it("record, of a new round, keeps entry and states over a reopening", () => {
    const path = file();
    const book = new EvaluationBook(path);
    assert.equal(book.lastRound(), undefined);
    assert.equal(
      book.record(3, "three", [
        { neuronId: 2n, text: "b" },
        { neuronId: 1n, text: "a" },
      ]),
      true,
    );
    book.close();
    const again = new EvaluationBook(path);
    assert.equal(again.lastRound(), 3);
    assert.equal(again.entry(3), "three");
    assert.equal(again.entry(2), undefined);
    assert.deepEqual(again.states(), ["a", "b"]);
    again.close();
  });

  it("record, of the last round again or an earlier one, changes nothing", () => {
    const book = new EvaluationBook(file());
    book.record(3, "three", [{ neuronId: 1n, text: "a" }]);
    assert.equal(book.record(3, "other", [{ neuronId: 1n, text: "x" }]), false);
    assert.equal(book.record(2, "two", [{ neuronId: 1n, text: "x" }]), false);
    assert.equal(book.entry(3), "three");
    assert.deepEqual(book.states(), ["a"]);
    book.close();
  });

  it("record, of a later round, replaces states and leaves others", () => {
    const book = new EvaluationBook(file());
    book.record(1, "one", [
      { neuronId: 1n, text: "a" },
      { neuronId: 2n, text: "b" },
    ]);
    book.record(4, "four", [{ neuronId: 2n, text: "c" }]);
    assert.deepEqual(book.states(), ["a", "c"]);
    assert.deepEqual(book.entries(0, 9), ["one", "four"]);
    assert.deepEqual(book.entries(2, 4), ["four"]);
    book.close();
  });

  it("record, process killed with SIGKILL twice, goes on to the states of one that never stopped", async () => {
    const path = file();
    const script = fileURLToPath(new URL("../../support/evaluationWriter.ts", import.meta.url));
    let said = -1;
    for (const until of [7, 16]) {
      const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout.setEncoding("utf8").on("data", (piece: string) => {
        const last = Number(piece.trim().split("\n").at(-1));
        assert.ok(last > said, "no round is evaluated twice");
        said = last;
        if (last >= until) child.kill("SIGKILL");
      });
      await once(child, "close");
    }
    const broken = new EvaluationBook(path);
    const rounds = broken.lastRound() ?? -1;
    assert.ok(rounds >= said && said >= 16, `${rounds} in the book, ${said} said`);
    const whole = new EvaluationBook(file());
    while ((whole.lastRound() ?? -1) < rounds) await evaluateNext(whole);
    assert.deepEqual(broken.states(), whole.states());
    assert.deepEqual(broken.entries(0, rounds), whole.entries(0, rounds));
    broken.close();
    whole.close();
  });

  it("constructor, on a file that is no database, throws DATABASE_CORRUPT", () => {
    const path = file();
    writeFileSync(path, "not a database, and long enough to be looked at");
    assert.throws(
      () => new EvaluationBook(path),
      (error) => error instanceof WeftError && error.code === "DATABASE_CORRUPT",
    );
  });
});
