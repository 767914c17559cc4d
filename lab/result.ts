import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { FatalError } from "../workers/protocol/errors.ts";
import { writeFileAtomic } from "../workers/runtime/files.ts";

const finite = v.pipe(v.number(), v.finite());
const share = v.pipe(finite, v.minValue(0), v.maxValue(1));

const resultSchema = v.strictObject({
  name: v.string(),
  tier: v.picklist(["training", "economy"]),
  /** Share of the miners, or of the stake, that attacks. */
  fraction: share,
  seed: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Attacker's reward relative to an honest peer's: per uid for miners, dividends per stake for validators. */
  rewardPerUid: finite,
  /** The same per unit of work (inner steps, or evaluations); null where the attacker does none. */
  rewardPerCompute: v.nullable(finite),
  /** All that the operator got over what one honest miner got, or over what its stake would have got honestly. */
  operatorReward: finite,
  /** Held-out loss at the end over the clean run's, minus 1; null where no model is trained. */
  lossDamage: v.nullable(finite),
  /** Rounds until the attackers' weight is first zero; null where it never is, or the attack is on no uid. */
  roundsToZeroWeight: v.nullable(finite),
  /** Share of honest (uid, round) pairs in which a validator held something against the miner. */
  honestFalsePositives: share,
  seconds: finite,
  /** Further figures, by name. */
  details: v.record(v.string(), finite),
});

/** What one attack did with one seed. */
export type AttackResult = Readonly<v.InferOutput<typeof resultSchema>>;

/**
 * Results from a file.
 * @throws FatalError `LAB_RESULT_CORRUPT` where the file is no list of results
 */
export async function readResults(path: string): Promise<AttackResult[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const hint = "Run the laboratory first: npm run lab -- --json FILE.";
    throw new FatalError("LAB_RESULT_MISSING", `cannot read ${path}`, { cause, data: { path }, hint });
  });
  try {
    return v.parse(v.array(resultSchema), JSON.parse(text));
  } catch (cause) {
    throw new FatalError("LAB_RESULT_CORRUPT", `${path} is no file of results`, {
      cause,
      data: { path },
      hint: "Delete it and run the laboratory again: only what is missing is repeated.",
    });
  }
}

/** @throws as `writeFileAtomic` */
export async function writeResults(path: string, results: readonly AttackResult[]): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(results, null, 2)}\n`);
}
