import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { SoakReport } from "../../../scripts/soak/report.ts";
import { freePort } from "../../support/freePort.ts";
import { runScript } from "../../support/spawned.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const dir = temporaryFolder({ after });

test("npm run soak, two minutes of kills: exit code 0, no violation, every worker measured", async () => {
  const json = join(dir, "soak.json");
  const args = ["--minutes", "2", "--gap", "6", "--dir", join(dir, "run"), "--json", json];
  const { exitCode, out, err } = await runScript("scripts/soak/main.ts", [
    ...args,
    "--port",
    String(await freePort()),
  ]);
  assert.equal(exitCode, 0, `${out}${err}`);
  const report: SoakReport = JSON.parse(readFileSync(json, "utf8"));
  assert.deepEqual(report.violations, []);
  assert.ok(report.kills >= 5, `${report.kills} kills`);
  assert.ok(report.roundsAdvanced >= 5 && report.epochsSettled >= 1, out);
  assert.equal(report.workers.length, 5);
  for (const { name, memory } of report.workers) assert.ok(memory.length > 0, name);
});
