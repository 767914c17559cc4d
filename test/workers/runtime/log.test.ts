import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RetryableError } from "../../../workers/protocol/errors.ts";
import { openLog } from "../../../workers/runtime/log.ts";

function capture(level: "debug" | "info" = "info") {
  const lines: string[] = [];
  const log = openLog({ name: "miner", level, stream: { write: (line: string) => lines.push(line) } });
  return { log, last: () => JSON.parse(lines.at(-1)!), lines };
}

describe("openLog", () => {
  it("info, bigint and bytes, are decimal text and a length", () => {
    const { log, last } = capture();
    log.info("sent", { nonce: 2n ** 70n, bytes: new Uint8Array(5), nested: { list: [1n] } });
    const { msg, nonce, bytes, nested } = last();
    assert.deepEqual(
      { msg, nonce, bytes, nested },
      { msg: "sent", nonce: (2n ** 70n).toString(), bytes: "<5 bytes>", nested: { list: ["1"] } },
    );
  });

  it("info, secrets at any depth, hides them", () => {
    const { log, lines } = capture();
    const KEY = `0x${"ab".repeat(32)}`;
    log.info("x", {
      privateKey: KEY,
      a: { b: [{ salt: KEY }] },
      e: new RetryableError("E", "m", { data: { secret: KEY } }),
    });
    log.child({ mnemonic: KEY }).info("y");
    assert.ok(lines.every((line) => !line.includes(KEY)));
  });

  it("error, a typed error with cause, carries code, data and the cause's message", () => {
    const { log, last } = capture();
    log.error("failed", {
      error: new RetryableError("RPC_X", "no", { data: { n: 1n }, cause: new Error("why") }),
    });
    assert.deepEqual(last().error, {
      code: "RPC_X",
      message: "no",
      retryable: true,
      data: { n: "1" },
      cause: { message: "why" },
    });
  });

  it("debug, level info, writes nothing; child adds its fields", () => {
    const { log, lines, last } = capture();
    log.debug("x");
    assert.equal(lines.length, 0);
    log.child({ round: 7 }).warn("late");
    assert.equal(last().round, 7);
  });
});

it("openLog, an address in an error's cause or a field: its host alone, no key or password", () => {
  const lines: string[] = [];
  const log = openLog({ name: "test", stream: { write: (line: string) => void lines.push(line) } });
  const cause = new Error(
    "HTTP request failed.\n\nURL: https://user:hush@rpc.example:8443/v2/hush?key=hush\nDetails: x",
  );
  const error = new RetryableError("RPC_UNREACHABLE", "no answer from wss://rpc.example/hush", { cause });
  log.warn("the chain does not answer", {
    error,
    rpc: "http://rpc.example/hush",
    other: "ws://user:hush@rpc.example",
  });
  assert.ok(!lines[0].includes("hush"), lines[0]);
  assert.match(lines[0], /https:\/\/rpc\.example:8443\/…\\nDetails: x/);
});
