import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Status } from "../../workers/projector/api.ts";
import { Checkout, eventually } from "../support/checkout.ts";
import { commandsUnder } from "../support/commandsUnder.ts";

/** Commands that go on until they are stopped; each is ready when it has said this. */
const services: readonly (readonly [string, RegExp])[] = [
  ["npx hardhat node", /Started HTTP and WebSocket JSON-RPC server/],
  ["npm run miner", /"msg":"joined"/],
  ["npm run validator", /"msg":"joined"/],
  ["npm run projector", /"msg":"serving"/],
];

describe("README, By hand", () => {
  it("its commands in their order: a miner trains, a validator settles, the miner has earned", async (test) => {
    const checkout = Checkout.create(test);
    const commands = commandsUnder("## By hand", readFileSync(join(checkout.dir, "README.md"), "utf8"));
    assert.ok(commands.length >= 8, commands.join("\n"));
    for (const command of commands) {
      const service = services.find(([prefix]) => command.startsWith(prefix));
      if (service === undefined) {
        const { exitCode, stderr } = await checkout.run(command);
        assert.equal(exitCode, 0, `${command}\n${stderr}`);
      } else {
        const running = checkout.start(command, test);
        await eventually(command, 60, () => (service[1].test(running.output()) ? true : undefined));
      }
    }
    const earned = await eventually("a reward", 300, async () => {
      const { stdout } = await checkout.run("npx hardhat metagraph --network localhost --json");
      const { neurons }: { neurons: { earned: string; permitted: boolean }[] } = JSON.parse(stdout);
      const wei = Number(neurons.find(({ permitted }) => !permitted)?.earned);
      return wei > 0 ? wei : undefined;
    });
    assert.ok(earned > 0);
    await projected();
    await explained(checkout);
    const claimed = await checkout.run("npx hardhat claim --network localhost --as alice --json");
    assert.equal(claimed.exitCode, 0, claimed.stderr);
  });
});

/** The projector is where the chain is, and serves the dashboard. */
async function projected(): Promise<void> {
  const url = "http://127.0.0.1:8600";
  const status = (await (await fetch(`${url}/api/status`)).json()) as Status;
  assert.deepEqual([status.state, status.problem], ["synced", null]);
  assert.match(await (await fetch(url)).text(), /<div id="app">/);
}

/** The receipt of the first epoch that paid the miner adds up, and a score that it shows can be computed again. */
async function explained(checkout: Checkout): Promise<void> {
  for (let epoch = 0; ; epoch++) {
    const { exitCode, stdout, stderr } = await checkout.run(
      `npx hardhat explain --network localhost --uid 0 --epoch ${epoch} --json`,
    );
    assert.equal(exitCode, 0, stderr);
    const { pay, rounds }: Receipt = JSON.parse(stdout);
    if (pay === null || Number(pay.incentive) === 0) continue;
    assert.deepEqual(pay.disagreements, []);
    const scored = rounds.find(({ evaluations }) => evaluations.some(({ found }) => found?.losses));
    assert.ok(scored !== undefined, stdout);
    const replay = `npm run replay -- --uid 0 --round ${scored.round} --validator 1`;
    const replayed = await checkout.run(replay);
    assert.equal(replayed.exitCode, 0, `${replay}\n${replayed.stderr}${replayed.stdout}`);
    assert.equal(replayed.stdout.trim().split("\n").at(-1), "identical");
    return;
  }
}

interface Receipt {
  readonly pay: { readonly incentive: string; readonly disagreements: readonly string[] } | null;
  readonly rounds: readonly {
    readonly round: number;
    readonly evaluations: readonly { readonly found: { readonly losses: unknown } | null }[];
  }[];
}
