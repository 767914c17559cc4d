import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { CommanderError } from "commander";
import { adversaryNames } from "../../../lab/adversaries/registry.ts";
import { minRounds, parseOptions } from "../../../scripts/localnet/options.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("parseOptions, nothing but a folder: the default network", (t) => {
  const dir = temporaryFolder(t);
  assert.deepEqual(parseOptions(["--dir", dir]), {
    rounds: 18,
    miners: 4,
    validators: 2,
    adversaries: ["copycat", "noise"],
    data: undefined,
    model: undefined,
    seed: "weft",
    dir,
    report: undefined,
    port: 8545,
    dashboardPort: 8600,
    stay: false,
  });
});

test("parseOptions, everything given: taken, with absolute paths", (t) => {
  const dir = temporaryFolder(t);
  const report = join(dir, "out", "r.json");
  const argv = [
    "--dir",
    dir,
    "--rounds",
    "7",
    "--miners",
    "1",
    "--validators",
    "8",
    "--adversaries",
    " noise, noise ,",
  ];
  const options = parseOptions([
    ...argv,
    "--data",
    "texts",
    "--model",
    "m",
    "--seed",
    "s",
    "--report",
    report,
    "--port",
    "1",
    "--dashboard-port",
    "2",
    "--stay",
  ]);
  assert.deepEqual(options, {
    rounds: 7,
    miners: 1,
    validators: 8,
    adversaries: ["noise", "noise"],
    data: resolve("texts"),
    model: resolve("m"),
    seed: "s",
    dir,
    report,
    port: 1,
    dashboardPort: 2,
    stay: true,
  });
});

test("parseOptions, adversaries '': none", (t) => {
  assert.deepEqual(parseOptions(["--dir", temporaryFolder(t), "--adversaries", ""]).adversaries, []);
});

test("parseOptions, numbers on both sides of every bound", (t) => {
  const dir = temporaryFolder(t);
  const bounds = {
    rounds: [minRounds, 10_000],
    miners: [1, 48],
    validators: [1, 8],
    port: [1, 65_535],
    "dashboard-port": [0, 65_535],
  };
  for (const [name, [least, most]] of Object.entries(bounds)) {
    for (const value of [least, most]) parseOptions(["--dir", dir, `--${name}`, `${value}`]);
    for (const value of [least - 1, most + 1].filter((each) => each >= 0)) {
      const data = { name, value, least, most };
      assert.throws(() => parseOptions(["--dir", dir, `--${name}`, `${value}`]), {
        code: "OPTION_OUT_OF_RANGE",
        data,
      });
    }
  }
  const names = (count: number) => Array.from({ length: count }, () => "noise").join(",");
  assert.equal(parseOptions(["--dir", dir, "--adversaries", names(8)]).adversaries.length, 8);
  assert.throws(() => parseOptions(["--dir", dir, "--adversaries", names(9)]), {
    code: "OPTION_OUT_OF_RANGE",
  });
});

test("parseOptions, no numbers, unknown options, surplus words: a CommanderError that is none of success", (t) => {
  const dir = temporaryFolder(t);
  const wrong = [
    ["--rounds", "ten"],
    ["--miners", "1.5"],
    ["--port", "-1"],
    ["--validators"],
    ["--quick"],
    ["please"],
  ];
  for (const argv of wrong) {
    const refused = (error: unknown) => error instanceof CommanderError && error.exitCode !== 0;
    assert.throws(() => parseOptions(["--dir", dir, ...argv]), refused, argv.join(" "));
  }
});

test("parseOptions, an adversary nobody knows: UNKNOWN_ADVERSARY with those known", (t) => {
  const data = { name: "saint", known: adversaryNames() };
  const argv = ["--dir", temporaryFolder(t), "--adversaries", "noise,saint"];
  assert.throws(() => parseOptions(argv), { code: "UNKNOWN_ADVERSARY", data });
});

test("parseOptions, a file where a folder should be: FOLDER_UNWRITABLE, for the report's folder too", (t) => {
  const dir = temporaryFolder(t);
  const file = join(dir, "file");
  writeFileSync(file, "");
  assert.throws(() => parseOptions(["--dir", file]), { code: "FOLDER_UNWRITABLE" });
  assert.throws(() => parseOptions(["--dir", join(file, "below")]), { code: "FOLDER_UNWRITABLE" });
  assert.throws(() => parseOptions(["--dir", dir, "--report", join(file, "r.json")]), {
    code: "FOLDER_UNWRITABLE",
  });
});
