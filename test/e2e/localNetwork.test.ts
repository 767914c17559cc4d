import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Report } from "../../scripts/localnet/report.ts";
import { Checkout, eventually } from "../support/checkout.ts";

const port = 8647;
const dashboardPort = 8648;
const rounds = 10;
const start = `npm start --silent -- --rounds ${rounds} --miners 2 --validators 2 --adversaries noise --port ${port} --dashboard-port ${dashboardPort} --report report.json`;

interface StateRow {
  readonly type: string;
  readonly round: number;
  readonly root: string;
}

describe("npm start", () => {
  it("with an adversary, a miner and a validator that join by hand: trains, pays the honest, agrees on every state", async (test) => {
    const checkout = Checkout.create(test);
    const network = checkout.start(start, test);
    const dir = ".weft/localnet";
    await eventually("round 1", 240, () => (/^round 1\//m.test(network.output()) ? true : undefined));
    const registered = await checkout.run(`npx hardhat register --dir ${dir} --as fifth --json`);
    assert.equal(registered.exitCode, 0, registered.stderr);
    const fifth: { uid: number } = JSON.parse(registered.stdout);
    checkout.start(`npm run miner -- --dir ${dir} --as fifth`, test);
    for (const verb of ["register --as late", "stake --as late --amount 100 --permit"]) {
      const ran = await checkout.run(`npx hardhat ${verb} --dir ${dir}`);
      assert.equal(ran.exitCode, 0, ran.stderr);
    }
    checkout.start(`npm run validator -- --dir ${dir} --as late`, test);

    await eventually("the second settlement", 240, () =>
      /^round \d+\/.*epochs settled 2/m.test(network.output()) ? true : undefined,
    );
    const metagraph = await checkout.run(`npx hardhat metagraph --dir ${dir} --json`);
    const { neurons }: { neurons: { uid: number; earned: string }[] } = JSON.parse(metagraph.stdout);
    const earned = Number(neurons.find(({ uid }) => uid === fifth.uid)?.earned);
    assert.ok(earned > 0, `the miner that joined by hand earned ${earned}`);

    assert.equal(await network.ended, 0, network.output());
    const report: Report = JSON.parse(readFileSync(join(checkout.dir, "report.json"), "utf8"));
    checkReport(report);
    checkLateValidator(checkout, report);

    const generated = await checkout.run('npm run --silent generate -- --prompt "import " --max-tokens 40');
    assert.equal(generated.exitCode, 0, generated.stderr);
    assert.match(generated.stdout, /^import [\s\S]{10}/);
    const card = readFileSync(join(checkout.dir, dir, "model", "README.md"), "utf8");
    assert.ok(card.includes(report.stateRoots.at(-1)?.root ?? "no root"), card);
  });

  it("interrupted during a round, leaves no process and no port, and starts again", async (test) => {
    const checkout = Checkout.create(test);
    for (const said of [/^round 0\//m, /^run registry 0x/m]) {
      const network = checkout.start(start, test);
      await eventually(String(said), 240, () => (said.test(network.output()) ? true : undefined));
      await network.stop("SIGINT");
      await eventually("the end of all processes", 20, () =>
        processesIn(checkout.dir) === 0 ? true : undefined,
      );
      await assert.rejects(connect(), { code: "ECONNREFUSED" });
      const files = readdirSync(join(checkout.dir, ".weft"), { recursive: true, encoding: "utf8" });
      assert.deepEqual(
        files.filter((name) => /tmp|partial/.test(name)),
        [],
      );
    }
  });
});

function checkReport(report: Report): void {
  assert.equal(report.rounds, rounds);
  assert.equal(report.validationLoss.length, rounds);
  const losses = report.validationLoss.map(Number);
  const initial = Number(report.initialValidationLoss);
  assert.ok(initial > 5 && losses.at(-1)! < initial - 1.5, `loss ${initial} → ${losses.at(-1)}`);
  assert.ok(report.epochsSettled >= 2);
  assert.ok(Number(report.secondsToFirstReward) > 0);

  const miners = report.participants.filter(({ role }) => role === "miner");
  const honest = miners.filter(({ behaviour }) => behaviour === "honest").map(({ earned }) => earned);
  const mean = honest.reduce((sum, earned) => sum + earned, 0) / honest.length;
  assert.ok(mean > 0);
  for (const { name, earned, behaviour } of miners) {
    if (behaviour !== "honest")
      assert.ok(earned <= mean / 10, `${name} (${behaviour}) earned ${earned}, honest ${mean}`);
  }
  for (const { name, dividendShare, stakeShare } of report.participants.filter(
    ({ role }) => role === "validator",
  )) {
    const relative = dividendShare / stakeShare;
    assert.ok(
      relative > 0.8 && relative < 1.2,
      `${name}: ${dividendShare} of dividends, ${stakeShare} of stake`,
    );
  }
  const delegator = report.participants.find(({ role }) => role === "delegator");
  assert.ok(Number(delegator?.earned) > 0);

  assert.ok(report.updates.ratio >= 146, `ratio ${report.updates.ratio}`);
  assert.ok(report.communicationShare > 0 && report.communicationShare < 1);
  for (const { round, agree, processes } of report.stateRoots)
    assert.ok(agree && processes > 0, `round ${round}`);
  const median = (action: string) => report.gas[action]?.median ?? Number.NaN;
  assert.ok(median("commitUpdate") <= 35_000, `commitUpdate ${median("commitUpdate")}`);
  assert.ok(median("revealUpdate") <= 45_000, `revealUpdate ${median("revealUpdate")}`);
  assert.ok(report.sample.length > 0);
}

/** It started in the middle and still published the states that all others did. */
function checkLateValidator(checkout: Checkout, report: Report): void {
  const path = join(checkout.dir, ".weft/localnet/workers/late/metrics.jsonl");
  const rows = readFileSync(path, "utf8").trim().split("\n");
  const states = rows.map((row): StateRow => JSON.parse(row)).filter(({ type }) => type === "state");
  const known = new Map(report.stateRoots.map(({ round, root }) => [round, root]));
  const compared = states.filter(({ round }) => known.has(round));
  assert.ok(compared.length >= 3, `${compared.length} states in common`);
  for (const { round, root } of compared) assert.equal(root, known.get(round), `state of round ${round}`);
}

/** Processes whose command line names the folder. */
function processesIn(dir: string): number {
  const { stdout } = spawnSync("pgrep", ["-f", "--", dir], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).length;
}

function connect(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}
