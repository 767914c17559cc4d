import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MetricsTail } from "../../scripts/localnet/metricsTail.ts";
import { Observations } from "../../scripts/localnet/observations.ts";
import type { RegisteredParticipant } from "../../scripts/localnet/participants.ts";
import { runMiner } from "../../workers/cli/runMiner.ts";
import { runValidator } from "../../workers/cli/runValidator.ts";
import { blockServer } from "../support/blockServer.ts";
import { liveRun } from "../support/liveRun.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** Who may read from whom in a round. The author of the updates in question is miner-1; validator-1 has two thirds of the stake. */
interface Row {
  readonly what: string;
  readonly serves: (from: string, to: string) => boolean;
  /** Whether the author's update counts. */
  readonly counts: boolean;
}

const author = "miner-1";
const rows: readonly Row[] = [
  { what: "everybody is served", serves: () => true, counts: true },
  { what: "the author serves nobody", serves: (from) => from !== author, counts: false },
  {
    what: "the author serves a validator with a third of the stake, which serves nobody",
    serves: (from, to) => (from === author ? to === "validator-2" : from !== "validator-2"),
    counts: false,
  },
  {
    what: "the author serves a validator with a third of the stake, from which the others get it",
    serves: (from, to) => from !== author || to === "validator-2",
    counts: true,
  },
  {
    what: "the author serves a validator with two thirds of the stake, which serves miners alone",
    serves: (from, to) =>
      from === author ? to === "validator-1" : from !== "validator-1" || to.startsWith("miner"),
    counts: true,
  },
  {
    what: "the author serves validators alone, from which the other miner gets it",
    serves: (from, to) => from !== author || to.startsWith("validator"),
    counts: true,
  },
];

const ended = new AbortController();
const dir = temporaryFolder({ after });
const folderOf = (node: string) => join(dir, "stores", node);
const metricsOf = (name: string) => join(dir, "workers", name, "metrics.jsonl");
const seen = new Observations();
let serves: Row["serves"] = () => true;
let nodes: readonly RegisteredParticipant[] = [];
let live: Awaited<ReturnType<typeof liveRun>>;
let network: Awaited<ReturnType<typeof blockServer>>;
let working: Promise<unknown>;

before(async () => {
  const { signal } = ended;
  live = await liveRun({ dir, miners: 2, validators: 2, adversaries: [], signal });
  nodes = live.participants.filter(({ role }) => role !== "delegator");
  network = await blockServer(folderOf, (from, to) => serves(from, to));
  const names = nodes.map(({ name }) => name);
  // What the run was published with is everywhere; what is made from now on has to travel.
  for (const name of names) await cp(join(dir, "content"), folderOf(name), { recursive: true });
  working = Promise.all(
    nodes.map((node) => {
      const gateways = names
        .filter((name) => name !== node.name)
        .map((name) => `${network.url}/${name}/${node.name}`);
      const store = { folder: folderOf(node.name), ipfsApi: undefined, gateways };
      const options = { ...live.optionsOf(node), store };
      const run = node.role === "validator" ? runValidator(options, signal) : runMiner(options, signal);
      return run.catch((error: unknown) => {
        if (!signal.aborted) ended.abort(error);
      });
    }),
  );
});
after(async () => {
  ended.abort(new Error("the test is over"));
  await working;
  network.close();
});

for (const [round, { what, serves: served, counts }] of rows.entries()) {
  test(`withheld, ${what}: the update ${counts ? "counts" : "does not count"}`, async () => {
    const { history } = live.follower;
    const miner = nodes.find(({ name }) => name === author);
    assert.ok(miner !== undefined);
    serves = served;
    await live.goTo(round, 1);
    await live.until(`commits of ${round}`, () => history.commits(round).length === 2);
    await live.goTo(round, 601);
    await live.until(`reveals of ${round}`, () => history.reveals(round).length === 2);
    await live.goTo(round, 801);
    const all = () => history.rounds.attestations(round).length === 2;
    if (counts)
      await live.until(`attestations of ${round}`, () => history.rounds.attestations(round).length >= 1);
    // Who waits for content attests without it shortly before the end.
    if (!all()) await live.goTo(round, 985);
    await live.until(`all attestations of ${round}`, all);
    const eligible = history.eligible(round).map(({ neuronId }) => neuronId);
    assert.equal(eligible.includes(miner.neuronId), counts);
    assert.equal(eligible.length, counts ? 2 : 1);
  });
}

test("withheld, after all of it: every node has the same state in every round", async () => {
  const rounds = rows.length;
  await live.goTo(rounds, 1);
  const tails = nodes.map(({ name }) => ({ name, tail: new MetricsTail(metricsOf(name)) }));
  const allSeen = () => {
    for (const { name, tail } of tails) seen.add(name, tail.read());
    return seen.roots.get(rounds)?.size === nodes.length;
  };
  await live.until("the last state everywhere", allSeen);
  for (let round = 1; round <= rounds; round++) {
    const roots = seen.roots.get(round);
    assert.equal(roots?.size, nodes.length, `round ${round}`);
    assert.equal(new Set(roots?.values()).size, 1, `round ${round}`);
  }
  const ofAll = Array.from(
    { length: rounds + 1 },
    (_, round) => [...(seen.roots.get(round)?.values() ?? [])][0],
  );
  assert.equal(new Set(ofAll).size, rounds + 1, "every round moved the model");
});
