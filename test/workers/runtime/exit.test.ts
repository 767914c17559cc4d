import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FatalError, RetryableError } from "../../../workers/protocol/errors.ts";
import { EXIT_FATAL, EXIT_RETRYABLE, reportError } from "../../../workers/runtime/exit.ts";
import { Interrupted } from "../../../workers/runtime/shutdown.ts";

const HINT = "do this";

describe("reportError", () => {
  it("reportError, fatal and retryable, have their exit codes and carry the hint", () => {
    const fatal = reportError(new FatalError("A", "a", { hint: HINT }), false);
    const retryable = reportError(new RetryableError("B", "b", { hint: HINT }), false);
    assert.equal(fatal.exitCode, EXIT_FATAL);
    assert.equal(retryable.exitCode, EXIT_RETRYABLE);
    for (const { text } of [fatal, retryable]) assert.ok(text.includes(HINT));
  });

  it("reportError, any error without debug, shows no stack trace; with debug it does", () => {
    const errors = [
      new FatalError("A", "a", { cause: new Error("deep") }),
      new Error("plain\n    at x (y.ts:1:1)"),
    ];
    for (const error of errors) {
      assert.doesNotMatch(reportError(error, false).text, /\n\s+at /);
      assert.match(reportError(error, true).text, /\n\s+at /);
    }
  });

  it("reportError, an interruption by the user, is silent success", () => {
    assert.deepEqual(reportError(new Interrupted("SIGINT"), false), { exitCode: 0, text: "" });
  });

  it("reportError, something that is no Error, is fatal", () => {
    assert.equal(reportError("text", false).exitCode, EXIT_FATAL);
  });
});
