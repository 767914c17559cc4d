import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bytesFrom,
  contentRef,
  listenAddress,
  numberIn,
  oneOf,
  wholeIn,
} from "../../../workers/cli/optionValues.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";

const invalid = (error: unknown) => error instanceof FatalError && error.code === "OPTION_INVALID";

test("numberIn, at and beyond its bounds, takes and refuses", () => {
  assert.equal(numberIn("--x", "0.5", 0.5, 2), 0.5);
  assert.equal(numberIn("--x", "2", 0.5, 2), 2);
  for (const text of ["0.49", "2.01", "", " ", "two", "NaN"])
    assert.throws(() => numberIn("--x", text, 0.5, 2), invalid, text);
});

test("wholeIn, whole numbers within its bounds alone", () => {
  assert.equal(wholeIn("--n", "1", 1, 256), 1);
  assert.equal(wholeIn("--n", "256", 1, 256), 256);
  for (const text of ["0", "257", "1.5", "", "x"])
    assert.throws(() => wholeIn("--n", text, 1, 256), invalid, text);
});

test("oneOf, a word of the list and another, is taken and refused", () => {
  assert.equal(oneOf("--w", ["a", "b"], "b"), "b");
  assert.throws(() => oneOf("--w", ["a", "b"], "c"), invalid);
});

test("listenAddress, a port alone is on this machine; with a host, there; anything else is refused", () => {
  assert.deepEqual(listenAddress("--m", "0"), { host: "127.0.0.1", port: 0 });
  assert.deepEqual(listenAddress("--m", "0.0.0.0:9464"), { host: "0.0.0.0", port: 9464 });
  assert.deepEqual(listenAddress("--m", "[::1]:80"), { host: "::1", port: 80 });
  for (const text of ["", ":80", "host", "host:", "host:x", "65536", "-1", "1.5"])
    assert.throws(() => listenAddress("--m", text), invalid, text);
});

test("bytesFrom, sizes with a unit, gives bytes; anything else is refused", () => {
  assert.equal(bytesFrom("--q", "500MB"), 500e6);
  assert.equal(bytesFrom("--q", "1.5tb"), 1.5e12);
  assert.equal(bytesFrom("--q", " 20GB "), 20e9);
  for (const text of ["", "20", "0GB", "-1GB", "1e3GB", "GB", "1KB", "1.0005GB"])
    assert.throws(() => bytesFrom("--q", text), invalid, text);
});

test("contentRef, a CID and its size, gives the reference; anything else is refused", () => {
  const ref = refOf(Uint8Array.of(1, 2, 3));
  assert.deepEqual(contentRef("--d", `${ref.cid}:3`), ref);
  for (const text of ["", ref.cid, `${ref.cid}:`, `${ref.cid}:2000000`, "bafy:3", `${ref.cid}:-3`])
    assert.throws(() => contentRef("--d", text), invalid, text);
});
