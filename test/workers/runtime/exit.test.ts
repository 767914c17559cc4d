import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it, test } from "node:test";
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

test("runToExit, the reader of the output goes away: the command ends without a trace", async () => {
  const exit = new URL("../../../workers/runtime/exit.ts", import.meta.url).href;
  const code = `import { runToExit } from "${exit}";
    await runToExit(async () => { for (let i = 0; i < 100; i++) { console.log("x".repeat(1 << 16)); await new Promise((go) => setTimeout(go, 5)); } });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const exitCode = await new Promise((resolve) => child.once("close", resolve));
  assert.deepEqual([exitCode, said.includes("EPIPE")], [0, false], said);
});
