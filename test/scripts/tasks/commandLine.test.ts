import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import hre from "hardhat";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { type VerbBench, verbBench } from "../../support/verbBench.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const hardhat = "node_modules/hardhat/dist/src/cli.js";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The verb as a user runs it, from its command line to its exit code. */
async function run(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [hardhat, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

/** Asserts a clean failure: exit code, the error's code, no output and no stack trace. */
function assertRefused(ended: Ended, exitCode: number, errorCode: string): void {
  assert.equal(ended.code, exitCode, ended.stderr);
  assert.ok(ended.stderr.includes(`[${errorCode}]`), ended.stderr);
  assert.equal(ended.stdout, "");
  assert.equal(/^\s+at /m.test(ended.stderr), false, ended.stderr);
}

describe("The verbs' command line", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  let where: readonly string[];
  before(async () => {
    bench = await verbBench(dir);
    where = ["--dir", bench.dir];
  });

  it("register, stake with permit and metagraph, in a row, take part in the run", async () => {
    const registered = await run("register", ...where, "--as", "bob", "--json");
    assert.equal(registered.code, 0, registered.stderr);
    assert.equal(JSON.parse(registered.stdout).uid, 0);
    const staked = await run("stake", ...where, "--as", "bob", "--amount", "1000", "--permit");
    assert.equal(staked.code, 0, staked.stderr);
    const shown = await run("metagraph", ...where, "--json");
    assert.equal(shown.code, 0, shown.stderr);
    const [{ stake, permitted, hotkey }] = JSON.parse(shown.stdout).neurons;
    const expected = { stake: "1000", permitted: true, hotkey: (await bench.key("bob", "hotkey")).address };
    assert.deepEqual({ stake, permitted, hotkey }, expected);
  });

  it("unstake, nothing staked, ends with exit code 1 and no trace", async () => {
    await run("register", ...where, "--as", "carol");
    assertRefused(await run("unstake", ...where, "--as", "carol", "--all"), 1, "INSUFFICIENT_STAKE");
  });

  it("metagraph, an RPC that is down, ends with the exit code of what may pass", async () => {
    assertRefused(await run("metagraph", ...where, "--rpc", "http://127.0.0.1:9"), 75, "RPC_UNREACHABLE");
  });

  it("metagraph, an unknown network, ends with exit code 1 and no trace", async () => {
    const { code, stderr } = await run("metagraph", ...where, "--network", "mars");
    assert.equal(code, 1);
    assert.ok(stderr.includes("[NETWORK_UNKNOWN]"), stderr);
  });

  it("explain, no epoch given, ends with exit code 1 and no trace", async () => {
    assertRefused(await run("explain", ...where, "--uid", "0"), 1, "OPTION_MISSING");
  });

  it("every verb, its help, says what each option means", () => {
    const verbs = [
      "register",
      "stake",
      "unstake",
      "withdraw",
      "claim",
      "fund",
      "permit",
      "metagraph",
      "explain",
    ];
    for (const verb of verbs) {
      const { description, options } = hre.tasks.getTask(verb);
      assert.notEqual(description, "", verb);
      assert.ok(options.has("dir") && options.has("json"), verb);
      for (const option of options.values())
        assert.notEqual(option.description, "", `${verb} ${option.name}`);
    }
  });

  it("stake, --help, exits with 0 and sends nothing", async () => {
    const { code, stdout } = await run("stake", "--help");
    assert.equal(code, 0);
    assert.match(stdout, /--amount/);
  });
});
