import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type EvaluationLog,
  EvaluationLogError,
  formatEvaluationLog,
  formatRoundEntry,
  maxLogBytes,
  parseEvaluationLog,
  parseRoundEntry,
} from "../../../workers/evaluation/evaluationLog.ts";
import { type SimulatedMiner, simulate, zeroRoot } from "./quadraticRun.ts";

const miners: SimulatedMiner[] = [
  { neuronId: 3n, uid: 0, behaviour: "honest" },
  { neuronId: 4n, uid: 1, behaviour: "copycat" },
  { neuronId: 2n ** 70n, uid: 2, behaviour: "honest" },
];

async function sampleLog(): Promise<EvaluationLog> {
  const rounds = (await simulate(miners, 3, 4)).map(({ entry }) => entry);
  const machine = { provider: "cpu", engine: "test 1.0", processor: "none" };
  const checkpoint = {
    round: 3,
    stateRoot: zeroRoot,
    contentDigest: zeroRoot,
    contentSize: 1,
    signature: `0x${"5e".repeat(64)}`,
  } as const;
  return { version: 3, manifestHash: zeroRoot, validator: 9n, epoch: 0, machine, checkpoint, rounds };
}

/** The log's bytes with one piece of its text replaced. */
async function tampered(search: string | RegExp, replacement: string): Promise<Uint8Array> {
  const text = new TextDecoder().decode(formatEvaluationLog(await sampleLog()));
  const changed = text.replace(search, replacement);
  assert.notEqual(changed, text);
  return new TextEncoder().encode(changed);
}

function refused(bytes: Uint8Array, path: string): void {
  assert.throws(
    () => parseEvaluationLog(bytes),
    (error) =>
      error instanceof EvaluationLogError &&
      error.code === "EVALUATION_LOG_INVALID" &&
      error.data.path === path,
  );
}

test("parseEvaluationLog, what formatEvaluationLog wrote: the same log, neuronIds and figures exact", async () => {
  const log = await sampleLog();
  assert.deepEqual(parseEvaluationLog(formatEvaluationLog(log)), log);
  assert.equal(log.rounds[1].neurons[1].penalties[0].reason, "copy");
});

test("formatEvaluationLog, the same inputs: the same bytes", async () => {
  assert.deepEqual(formatEvaluationLog(await sampleLog()), formatEvaluationLog(await sampleLog()));
});

test("parseEvaluationLog, hostile or broken bytes: refused with the path of the problem", async () => {
  refused(new Uint8Array(maxLogBytes + 1), "$");
  refused(new TextEncoder().encode("{"), "$");
  refused(Uint8Array.of(0xff, 0xfe), "$");
  refused(await tampered('"version":3', '"version":1'), "$.version");
  refused(await tampered('"signature":"0x5e', '"signature":"0x'), "$.checkpoint.signature");
  refused(await tampered('"contentSize":1', '"contentSize":0'), "$.checkpoint.contentSize");
  refused(await tampered('"uid":1', '"uid":256'), "$.rounds.1.neurons.1.uid");
  refused(await tampered('"validator":"9"', '"validator":"-9"'), "$.validator");
  refused(await tampered('"reason":"copy"', '"reason":"none"'), "$.rounds.1.neurons.1.penalties.0.reason");
  refused(await tampered(/"score":[0-9.]+/, '"score":-1'), "$.rounds.0.neurons.0.score");
  refused(await tampered('"version":3', '"version":3 '), "$");
  refused(await tampered('"uid":1', '"uid":0'), "$.rounds.1.neurons");
  refused(await tampered('"neuronId":"4"', '"neuronId":"3"'), "$.rounds.1.neurons");
  refused(await tampered('"round":1,', '"round":0,'), "$.rounds");
  refused(await tampered('"sampled":[0,1,2]', '"sampled":[0,2,1]'), "$.rounds.1.sampled");
});

test("parseRoundEntry, a stored entry: the same; damaged: refused", async () => {
  const [, entry] = (await sampleLog()).rounds;
  const text = formatRoundEntry(entry);
  assert.deepEqual(parseRoundEntry(text), entry);
  for (const damaged of [text.slice(1), "{}", text.replace('"round":1', '"round":-1')]) {
    assert.throws(() => parseRoundEntry(damaged), EvaluationLogError);
  }
});
