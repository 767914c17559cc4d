import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import type { ChainHost } from "../support/chainHost.ts";
import { Checkout, eventually, type Running } from "../support/checkout.ts";
import { commandsUnder } from "../support/commandsUnder.ts";
import { type Host, openHosts } from "../support/hosts.ts";
import { findKubo, isolate } from "../support/kuboDaemon.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { startTied } from "../support/tied.ts";

const guide = "docs/operators/hosts.md";
/** Commands that go on until they are stopped; each is ready when it has said this. */
const services: readonly (readonly [string, RegExp])[] = [
  ["ipfs daemon", /Daemon is ready/],
  ["npm run miner", /"msg":"joined"/],
];

const kubo = await findKubo();
const network = "missing" in kubo ? kubo : await openHosts(3);
if (!("missing" in network)) after(() => network.close());
const missing = "missing" in network ? network.missing : false;
console.log(missing === false ? "hosts: ran" : `hosts: not run (${missing})`);

test("three hosts with a daemon each: a miner on the second and one that joins later on the third earn, and all have the same states", {
  skip: missing,
}, async (t) => {
  if ("missing" in kubo || "missing" in network) return;
  const [first, second, third] = network.hosts;
  const chain = await startChainHost(t, kubo.binary, first);
  const early = await follow(t, kubo.binary, second, chain, "bob");
  const tails = [
    { name: "validator", tail: new MetricsTail(join(chain.workers, chain.validator, "metrics.jsonl")) },
    { name: "bob", tail: new MetricsTail(early.metrics) },
  ];
  const seen = new Observations();
  const look = () => {
    for (const { name, tail } of tails) seen.add(name, tail.read());
    return seen.roots;
  };
  await eventually("a state after the first round", 120, () => look().get(1));

  const late = await follow(t, kubo.binary, third, chain, "carol");
  tails.push({ name: "carol", tail: new MetricsTail(late.metrics) });
  const earned = await eventually("a reward of both", 300, async () => {
    await pause(4_000);
    const { stdout, stderr } = await late.run("npx hardhat metagraph $RUN --json");
    assert.ok(stdout !== "", stderr);
    const { neurons }: { neurons: { permitted: boolean; earned: string }[] } = JSON.parse(stdout);
    const miners = neurons.filter(({ permitted }) => !permitted).map((each) => Number(each.earned));
    return miners.length === 2 && miners.every((wei) => wei > 0) ? miners : undefined;
  });
  assert.equal(earned.length, 2);

  const last = Math.max(...look().keys()) + 1;
  await eventually(`the state before round ${last} on every host`, 120, () =>
    look().get(last)?.size === 3 ? true : undefined,
  );
  for (const [round, roots] of seen.roots)
    assert.equal(new Set(roots.values()).size, 1, `round ${round}: ${JSON.stringify([...roots])}`);
  const shared = [...seen.roots].filter(([, roots]) => roots.size === 3).map(([round]) => round);
  assert.ok(shared.length >= 3, `states of all hosts: ${shared.join(", ")}`);
  assert.notEqual(seen.roots.get(last)?.get("carol"), seen.roots.get(shared[0])?.get("carol"));

  for (const each of [early, late]) {
    const { stdout } = await each.run("ipfs swarm peers");
    const peers = stdout.trim().split("\n");
    assert.ok(
      peers.every((peer) => peer.startsWith(`/ip4/${first.address}/`)),
      stdout,
    );
  }
  await Promise.all([early, late].flatMap(({ running }) => running.map((each) => each.stop("SIGTERM"))));
});

/** A host with the chain, a validator and a daemon that has the run's content. */
async function startChainHost(t: TestContext, binary: string, { address, within }: Host) {
  const dir = temporaryFolder(t);
  const env = { ...process.env, IPFS_PATH: join(dir, "ipfs"), IPFS_TELEMETRY: "off" };
  execFileSync(binary, ["init"], { env, stdio: "ignore" });
  await isolate(env.IPFS_PATH, { Swarm: [`/ip4/${address}/tcp/4001`] });
  const daemon = startTied([...within, binary, "daemon", "--migrate=false"], { env });
  t.after(() => daemon.stop("SIGKILL"));
  let said = "";
  daemon.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await eventually("a daemon beside the chain", 60, () =>
    said.includes("Daemon is ready") ? true : undefined,
  );
  const script = [
    "--disable-warning=ExperimentalWarning",
    "test/support/chainHost.ts",
    join(dir, "run"),
    address,
  ];
  const host = startTied([...within, process.execPath, ...script], {
    env: { ...env, IPFS_API: "http://127.0.0.1:5001" },
  });
  t.after(() => host.stop("SIGKILL"));
  host.stderr.pipe(process.stderr);
  const [line] = await once(host.stdout, "data");
  const told: ChainHost = JSON.parse(String(line));
  const { Identity } = JSON.parse(readFileSync(join(env.IPFS_PATH, "config"), "utf8"));
  const peer = `/ip4/${address}/tcp/4001/p2p/${Identity.PeerID}`;
  return { ...told, peer, workers: join(dir, "run", "workers") };
}

/** Does on a host what the guide says, as somebody else than carol. */
async function follow(
  t: TestContext,
  binary: string,
  { address, within }: Host,
  { rpcUrl, registry, peer }: { readonly rpcUrl: string; readonly registry: string; readonly peer: string },
  name: string,
) {
  const checkout = Checkout.create(t, within);
  const env = {
    ...process.env,
    PATH: `${dirname(binary)}:${process.env.PATH}`,
    IPFS_PATH: join(checkout.dir, "ipfs"),
    IPFS_TELEMETRY: "off",
    IPFS_API: "http://127.0.0.1:5001",
    WEFT_PEER: peer,
    RUN: `--dir .weft/remote --rpc ${rpcUrl} --registry ${registry}`,
  };
  const commands = commandsUnder("## From nothing to earning", readFileSync(guide, "utf8"));
  const running: Running[] = [];
  for (const command of commands.filter((each) => each !== "npm ci")) {
    const own = command.replace("--as carol", `--as ${name}`);
    const service = services.find(([prefix]) => command.startsWith(prefix));
    if (service !== undefined) {
      const started = checkout.start(own, t, env);
      running.push(started);
      await eventually(own, 90, () => (service[1].test(started.output()) ? true : undefined));
      continue;
    }
    const { exitCode, stdout, stderr } = await checkout.run(own, env);
    assert.equal(exitCode, 0, `${name}: ${own}\n${stdout}${stderr}`);
    if (command === "ipfs init") await isolate(env.IPFS_PATH, { Swarm: [`/ip4/${address}/tcp/4001`] });
  }
  assert.equal(running.length, services.length);
  const metrics = join(checkout.dir, ".weft/remote/workers", name, "metrics.jsonl");
  return { metrics, running, run: (command: string) => checkout.run(command, env) };
}
