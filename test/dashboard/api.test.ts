import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiFailure, type Fetch, read } from "../../dashboard/src/api.ts";

const answering =
  (status: number, text: string): Fetch =>
  async () =>
    new Response(text, { status });
const { signal } = new AbortController();

const failureOf = async (work: Promise<unknown>): Promise<ApiFailure> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ApiFailure);
  return error;
};

describe("read", () => {
  it("an answer: its JSON", async () => {
    assert.deepEqual(await read(answering(200, '{"rounds":[]}'), "./api/rounds", signal), { rounds: [] });
  });

  it("the projector's error: its code, hint and status", async () => {
    const body = JSON.stringify({ code: "UNKNOWN_NEURON", message: "no", hint: "look" });
    const failure = await failureOf(read(answering(404, body), "./api/neurons/9", signal));
    assert.deepEqual(
      [failure.code, failure.hint, failure.status, failure.retryable],
      ["UNKNOWN_NEURON", "look", 404, false],
    );
  });

  it("an error of another form: HTTP_ERROR, retryable from 500 on", async () => {
    for (const [status, retryable] of [
      [404, false],
      [500, true],
      [503, true],
    ] as const) {
      const failure = await failureOf(read(answering(status, '{"code":7}'), "./api/x", signal));
      assert.deepEqual([failure.code, failure.status, failure.retryable], ["HTTP_ERROR", status, retryable]);
    }
  });

  it("no JSON: NOT_JSON", async () => {
    assert.equal((await failureOf(read(answering(200, "<html>"), "./api/x", signal))).code, "NOT_JSON");
  });

  it("nothing answers: UNREACHABLE, retryable", async () => {
    const failing: Fetch = () => Promise.reject(new TypeError("failed to fetch"));
    const failure = await failureOf(read(failing, "./api/x", signal));
    assert.deepEqual([failure.code, failure.retryable], ["UNREACHABLE", true]);
  });

  it("aborted: the signal's reason, no failure of the projector", async () => {
    const controller = new AbortController();
    const reason = new Error("left");
    const aborting: Fetch = () => {
      controller.abort(reason);
      return Promise.reject(new TypeError("aborted"));
    };
    await assert.rejects(read(aborting, "./api/x", controller.signal), (error) => error === reason);
  });
});
