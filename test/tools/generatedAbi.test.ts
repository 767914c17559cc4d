import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";

describe("workers/chain/generated", () => {
  it("is what the compiled contracts give", () => {
    const build = ["node_modules/hardhat/dist/src/cli.js", "build", "--no-tests", "--quiet"];
    assert.equal(spawnSync(process.execPath, build).status, 0);
    const check = spawnSync(process.execPath, ["tools/generate-abi.ts", "--check"], { encoding: "utf8" });
    assert.equal(check.status, 0, check.stderr);
  });
});
