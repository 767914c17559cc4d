import assert from "node:assert/strict";
import { test } from "node:test";
import { ContractRevert } from "../../../workers/chain/contractRevert.ts";
import { FatalError, RetryableError } from "../../../workers/protocol/errors.ts";
import { silentLog } from "../../../workers/runtime/log.ts";
import { ValidatorService } from "../../../workers/validator/validatorService.ts";
import { ScriptedChain } from "../../support/scriptedChain.ts";
import { SleepClock } from "../../support/scriptedRun.ts";

const nothing = { hash: "0x", digest: "0x", size: 0 } as const;

/** A validator whose duties only say that they were called; `fault` makes one fail. */
function bench(
  options: {
    permitted?: boolean;
    unfinished?: number[];
    startIn?: number;
    fault?: (duty: string, index: number) => Error | undefined;
  } = {},
) {
  const chain = new ScriptedChain(nothing);
  const [validator, other] = chain.register(2);
  chain.permit([options.permitted === false ? other : validator]);
  chain.goTo(options.startIn ?? 0, 0);
  const clock = new SleepClock();
  const follower = chain.follower(clock);
  const calls: string[] = [];
  const missed: unknown[] = [];
  const stop = new AbortController();
  const call = async (duty: string, index: number) => {
    calls.push(`${duty} ${index}`);
    const error = options.fault?.(duty, index);
    if (error !== undefined) throw error;
  };
  const found = { sampled: [], negativeUpTo: 0, networkFault: false, unread: [], neurons: [] };
  const entry = { parentRoot: "0x" as const, ...found };
  const service = new ValidatorService({
    signing: chain.signing(validator),
    validator: validator.neuronId,
    follower,
    attestDuty: { attest: (round) => call("attest", round) },
    evaluator: {
      unfinished: () => (options.unfinished ?? []).filter((round) => !calls.includes(`evaluate ${round}`)),
      async evaluate(round) {
        await call("evaluate", round);
        return { ...entry, round };
      },
    },
    heldOut: { record: (round) => call("held out", round) },
    weightsDuty: {
      commit: (epoch) => call("commit weights", epoch),
      reveal: (epoch) => call("reveal weights", epoch),
    },
    settleDuty: { settle: (epoch) => call("settle", epoch) },
    checkpointDuty: { submit: (epoch) => call("checkpoint", epoch) },
    log: silentLog,
    metrics: {
      record: (row) => void (row.type === "dutyMissed" && missed.push([row.duty, row.round, row.code])),
    },
  });
  return {
    calls,
    missed,
    /** Runs until the round begins; gives the error that ended it otherwise. */
    async until(round: number): Promise<unknown> {
      clock.onSleep = () => {
        chain.mine(chain.time + 10);
        if (chain.time >= 10_000 + round * 100) stop.abort(new Error("the end"));
      };
      try {
        await service.run(stop.signal);
      } catch (error) {
        return stop.signal.aborted ? undefined : error;
      }
    },
  };
}

const only = (calls: readonly string[], duty: string) => calls.filter((call) => call.startsWith(`${duty} `));

test("ValidatorService, two epochs: every duty in its round", async () => {
  const { calls, missed, until } = bench();
  await until(6);
  const rounds = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(
    only(calls, "attest"),
    rounds.map((round) => `attest ${round}`),
  );
  assert.deepEqual(
    only(calls, "held out"),
    rounds.map((round) => `held out ${round}`),
  );
  assert.deepEqual(
    only(calls, "evaluate"),
    rounds.slice(0, -1).map((round) => `evaluate ${round}`),
  );
  assert.deepEqual(only(calls, "commit weights"), ["commit weights 0"]);
  assert.deepEqual(only(calls, "reveal weights"), ["reveal weights 0"]);
  assert.deepEqual(only(calls, "settle"), ["settle 0"]);
  assert.ok(
    calls.indexOf("evaluate 2") < calls.indexOf("commit weights 0"),
    "weights count the epoch's last round",
  );
  assert.deepEqual(missed, []);
});

test("ValidatorService, without a permit: evaluates, signs nothing", async () => {
  const { calls, until } = bench({ permitted: false });
  await until(5);
  const signed = calls.filter((call) => /^(attest|commit|reveal)/.test(call));
  assert.deepEqual(signed, []);
  assert.equal(only(calls, "evaluate").length, 4);
});

test("ValidatorService, rounds left undone when it was stopped: evaluated first, before weights are committed", async () => {
  const { calls, until } = bench({ unfinished: [1, 2], startIn: 3 });
  await until(5);
  assert.deepEqual(only(calls, "evaluate"), ["evaluate 1", "evaluate 2", "evaluate 3"]);
  assert.ok(calls.indexOf("evaluate 2") < calls.indexOf("commit weights 0"));
});

test("ValidatorService, duties that fail for a round: noted, and the next round goes on", async () => {
  const faults = new Map<string, Error>([
    ["attest 1", new ContractRevert("attest", "WrongPhase", {}, false, undefined)],
    ["evaluate 0", new FatalError("STATE_TOO_OLD", "evaluation fell behind")],
    ["held out 2", new RetryableError("RPC_UNREACHABLE", "no answer")],
    ["reveal weights 0", new ContractRevert("revealWeights", "WrongRound", {}, false, undefined)],
  ]);
  const { calls, missed, until } = bench({ fault: (duty, index) => faults.get(`${duty} ${index}`) });
  assert.equal(await until(6), undefined);
  assert.equal(only(calls, "attest").length, 6);
  assert.equal(only(calls, "evaluate").length, 5);
  assert.deepEqual(
    new Set(missed.map((row) => JSON.stringify(row))),
    new Set([
      '["attest",1,"CONTRACT_REVERT"]',
      '["evaluate",0,"STATE_TOO_OLD"]',
      '["heldOutLoss",2,"RPC_UNREACHABLE"]',
      '["revealWeights",4,"CONTRACT_REVERT"]',
    ]),
  );
});

test("ValidatorService, an error only a person can mend: ends with it, and the other tasks too", async () => {
  const broken = new FatalError("DATABASE_CORRUPT", "the book is damaged");
  const { calls, until } = bench({ fault: (duty) => (duty === "evaluate" ? broken : undefined) });
  assert.equal(await until(6), broken);
  const count = calls.length;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(calls.length, count);
});
