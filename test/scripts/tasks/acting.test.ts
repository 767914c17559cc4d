import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, beforeEach, describe, it } from "node:test";
import { parseEther } from "viem";
import { DryRunEnd } from "../../../scripts/tasks/dryRun.ts";
import { fundVerb } from "../../../scripts/tasks/fund.ts";
import { keyFilePath } from "../../../scripts/tasks/keys.ts";
import { registerVerb } from "../../../scripts/tasks/register.ts";
import { stakeVerb } from "../../../scripts/tasks/stake.ts";
import { unstakeVerb } from "../../../scripts/tasks/unstake.ts";
import type { Consent } from "../../../scripts/tasks/verb.ts";
import { withdrawVerb } from "../../../scripts/tasks/withdraw.ts";
import type { Participant } from "../../support/faultyChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

const anywhere = 8453;
const to = "0x00000000000000000000000000000000000000bb";

/** What a verb would have done. @throws where it did it */
async function dryRunOf(work: Promise<unknown>): Promise<Readonly<Record<string, unknown>>> {
  const end = await work.then(
    () => assert.fail("it was done"),
    (error: unknown) => error,
  );
  if (!(end instanceof DryRunEnd)) throw end;
  return end.outcome.json;
}

describe("a verb on a chain on which things have value", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  let payer: Participant;
  before(async () => {
    bench = await verbBench(dir, anywhere);
    payer = await bench.chain.participant();
    await registerVerb({ ...bench.options, as: "alice" }, as({ yes: true }));
  });
  beforeEach(async () => {
    transactions = await sent();
  });

  let transactions = 0;
  const sent = () => bench.chain.nonceOf(payer.account.address);
  const as = (consent: Partial<Consent>) => {
    const configured = bench.configured(payer.account);
    return { ...configured, consent: { ...configured.consent, ...consent } };
  };
  const send = (consent: Partial<Consent>) => fundVerb({ ...bench.options, to, coin: "0.5" }, as(consent));

  it("irreversible, nobody there to ask: CONFIRMATION_NEEDED, and nothing is sent", async () => {
    await rejectsWith(send({}), "CONFIRMATION_NEEDED");
    assert.equal(await sent(), transactions);
  });

  it("irreversible, no: NOT_CONFIRMED, and nothing is sent; yes: it is sent", async () => {
    const questions: string[] = [];
    const answer = (yes: boolean) => async (question: string) => {
      questions.push(question);
      return yes;
    };
    await rejectsWith(send({ confirm: answer(false) }), "NOT_CONFIRMED");
    assert.equal(await sent(), transactions);
    await send({ confirm: answer(true) });
    assert.equal(await sent(), transactions + 1);
    assert.equal(questions.length, 2);
    for (const part of ["send 0.50 coin to", to, "gas 21 00"]) assert.ok(questions[0].includes(part), part);
  });

  it("irreversible, two transactions: one question", async () => {
    let questions = 0;
    const confirm = async () => ++questions === 1;
    await fundVerb({ ...bench.options, to, coin: "0.1", tokens: "1" }, as({ confirm }));
    assert.deepEqual([questions, await sent()], [1, transactions + 2]);
  });

  it("irreversible, --yes: sent unasked", async () => {
    const confirm = () => assert.fail("it asked");
    await send({ yes: true, confirm });
    assert.equal(await sent(), transactions + 1);
  });

  it("reversible: sent unasked", async () => {
    const args = { ...bench.options, as: "alice", amount: "5", permit: false };
    await stakeVerb(args, as({ confirm: () => assert.fail("it asked") }));
    assert.equal(await sent(), transactions + 1);
  });

  it("--dry-run: what it would do, its gas and most fee, and nothing is sent, whatever else is agreed to", async () => {
    const { would, action, gas, mostFee, from } = await dryRunOf(send({ dryRun: true, yes: true }));
    assert.deepEqual([would, action], [`send 0.50 coin to ${to}`, "fund coin"]);
    assert.ok(Number(gas) >= 21_000 && Number(gas) < 22_000, String(gas));
    assert.equal(from, payer.account.address);
    assert.ok(parseEther(String(mostFee)) >= 21_000n, String(mostFee));
    const args = { ...bench.options, as: "alice", all: true };
    const unstaked = await dryRunOf(unstakeVerb(args, as({ dryRun: true })));
    assert.ok(String(unstaked.would).startsWith("unstake 5.00 WEFT from neuron 1"), String(unstaked.would));
    assert.equal(await sent(), transactions);
  });

  it("--dry-run, what the contracts refuse: the refusal", async () => {
    const args = { ...bench.options, as: "alice" };
    await rejectsWith(withdrawVerb(args, as({ dryRun: true })), "CONTRACT_REVERT", "NothingMatured");
    const dora = registerVerb({ ...bench.options, as: "dora", maxBurn: "0.0001" }, as({ dryRun: true }));
    await rejectsWith(dora, "CONTRACT_REVERT", "BurnAboveMaximum");
  });

  it("--dry-run, a newcomer: is tried with keys that are kept nowhere", async () => {
    const { would } = await dryRunOf(registerVerb({ ...bench.options, as: "carl" }, as({ dryRun: true })));
    assert.ok(String(would).startsWith("register hotkey 0x"), String(would));
    assert.equal(existsSync(keyFilePath(dir, "carl", "hotkey")), false);
  });
});

describe("a verb on the local chain", () => {
  const dir = temporaryFolder({ after });
  let bench: VerbBench;
  before(async () => {
    bench = await verbBench(dir);
  });

  it("irreversible: never asked", async () => {
    const { json } = await registerVerb({ ...bench.options, as: "alice" }, bench.context);
    assert.equal(json.uid, 0);
  });

  it("--dry-run, a newcomer without funds: what it would be given first, and nobody is given anything", async () => {
    const context = { ...bench.context, consent: { ...bench.context.consent, dryRun: true } };
    const { would } = await dryRunOf(registerVerb({ ...bench.options, as: "bob" }, context));
    assert.ok(
      /^give coldkey 0x\w+ 10.00 ETH and .* WEFT from the node's first account$/.test(String(would)),
      String(would),
    );
    assert.deepEqual(
      bench.said.filter((line) => line.includes("bob")),
      [],
    );
    assert.equal(existsSync(keyFilePath(dir, "bob", "coldkey")), false);
  });
});
