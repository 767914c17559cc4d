import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { workerCommand } from "../../../workers/cli/workerOptions.ts";
import { ProjectorMetrics } from "../../../workers/telemetry/projectorMetrics.ts";
import { PrometheusMetrics } from "../../../workers/telemetry/prometheus.ts";

const monitoring = "docs/operators/monitoring";
const service = "docs/operators/service";
const read = (folder: string, file: string) => readFileSync(join(folder, file), "utf8");
const ofProjector = new ProjectorMetrics({
  block: () => undefined,
  round: () => undefined,
  secondsSinceBlock: () => 0,
  events: () => undefined,
  reports: () => 0,
}).names();
const ofWorkers = new PrometheusMetrics(
  {
    secondsSinceBlock: () => undefined,
    roundNow: () => undefined,
    reorganisations: () => 0,
    balanceWei: async () => undefined,
  },
  "miner",
).names();
const published = [...new Set([...ofWorkers, ...ofProjector])].filter((name) => name.startsWith("weft_"));

/** Names of series in a text, without what Prometheus appends to histograms. */
function seriesIn(text: string): string[] {
  const names = [...text.matchAll(/\bweft_[a-z_]+/g)].map(([name]) =>
    name.replace(/_(sum|count|bucket)$/, ""),
  );
  return [...new Set(names)].sort();
}

/** What a tool of the machine says about a file; undefined where the tool is not there. */
function checked(tool: string, ...args: readonly string[]): { status: number; said: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  return error === undefined ? { status: status ?? -1, said: stdout + stderr } : undefined;
}

test("alerts and dashboard, every series they ask for: one that workers publish", () => {
  for (const file of ["alerts.yml", "grafana.json"]) {
    const unknown = seriesIn(read(monitoring, file)).filter((name) => !published.includes(name));
    assert.deepEqual(unknown, [], file);
  }
});

test("the page on monitoring: names every series, and no other", () => {
  assert.deepEqual(seriesIn(read(monitoring, "README.md")), [...published].sort());
});

test("dashboard: every published series is drawn", () => {
  const drawn = seriesIn(read(monitoring, "grafana.json"));
  assert.deepEqual(
    published.filter((name) => !drawn.includes(name)),
    [],
  );
});

test("service files: every option is one a worker has", () => {
  const known = workerCommand("miner", "").options.map(({ long }) => long);
  for (const [folder, file] of [
    [service, "compose.yaml"],
    [monitoring, "README.md"],
  ]) {
    const worker = read(folder, file)
      .split("\n")
      .filter((line) => /^\s+- --\w|WEFT_ARGS|npm run miner/.test(line));
    const options = worker.flatMap((line) => line.match(/--[a-z]+/g) ?? []);
    assert.ok(options.length >= 2, file);
    assert.deepEqual(
      options.filter((option) => !known.includes(option)),
      [],
      file,
    );
  }
});

test("Prometheus's configuration and alerts: promtool takes them", (t) => {
  const config = checked("promtool", "check", "config", join(monitoring, "prometheus.yml"));
  if (config === undefined) return t.skip("no promtool on this machine");
  assert.equal(config.status, 0, config.said);
  assert.match(config.said, /1 rule files found/);
});

test("the unit: systemd takes it", (t) => {
  const unit = checked("systemd-analyze", "verify", join(service, "weft@.service"));
  if (unit === undefined) return t.skip("no systemd on this machine");
  assert.equal(unit.status, 0, unit.said);
});
