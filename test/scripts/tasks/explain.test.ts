import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type ExplainArguments, explainVerb } from "../../../scripts/tasks/explain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

/** What it says of a run that was played is in test/e2e/oneProcess.test.ts. */
describe("explain", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  before(async () => {
    bench = await verbBench(dir);
  });

  const explained = (more: Partial<ExplainArguments> = {}) =>
    explainVerb({ ...bench.options, uid: "0", epoch: "0", ...more }, bench.context);

  it("explain, uid or epoch missing or no numbers, is refused", async () => {
    await rejectsWith(explained({ uid: undefined }), "OPTION_MISSING");
    await rejectsWith(explained({ epoch: undefined }), "OPTION_MISSING");
    await rejectsWith(explained({ uid: "-1" }), "NUMBER_INVALID");
    await rejectsWith(explained({ epoch: "1.5" }), "NUMBER_INVALID");
  });

  it("explain, no network.json or an RPC that is down, is refused", async (test) => {
    await rejectsWith(explained({ dir: temporaryFolder(test) }), "NETWORK_FILE_MISSING");
    await rejectsWith(explained({ rpc: "http://127.0.0.1:9" }), "RPC_UNREACHABLE");
  });

  it("explain, the run's manifest is not served, says that content is missing", async () => {
    await assert.rejects(explained(), { code: "CONTENT_MISSING", retryable: true });
  });
});
