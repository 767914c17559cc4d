import { readSettlementFacts } from "../../workers/chain/actions/readSettlementFacts.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { sparingProgress } from "../../workers/runtime/progress.ts";
import { receiptOf } from "../../workers/validator/receipt.ts";
import { receiptJson } from "../../workers/validator/receiptJson.ts";
import { parseCount } from "./amounts.ts";
import { openRun } from "./openRun.ts";
import { readEvents, type StoreArguments } from "./readEvents.ts";
import { receiptLines } from "./receiptLines.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface ExplainArguments extends StoreArguments {
  readonly uid?: string;
  readonly epoch?: string;
}

/**
 * A receipt of what a uid was paid for an epoch. Missing evaluation logs are shown in it; an epoch that is not settled has
 * no pay yet.
 * @throws FatalError OPTION_MISSING, NUMBER_INVALID; as `openRun`, `readEvents`, `receiptOf`
 */
export async function explainVerb(args: ExplainArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const uid = wholeNumber("--uid", args.uid);
  const epoch = wholeNumber("--epoch", args.epoch);
  const contracts = await openRun(args, context);
  const read = await readEvents(contracts, args, context);
  const { history, syncedTime } = read.follower;
  const facts = (aborted: AbortSignal) => readSettlementFacts(contracts, read.head, aborted);
  const progress = sparingProgress(context.say, systemClock);
  const onLog = (index: number, of: number) =>
    progress(() => `reading the log of validator ${index} of ${of}`);
  const sources = { ...read, history, time: syncedTime, facts, onLog };
  const receipt = await receiptOf(sources, uid, epoch, signal);
  return { lines: receiptLines(receipt, context.width), json: receiptJson(receipt) };
}

function wholeNumber(option: string, text: string | undefined): number {
  if (text === undefined) {
    throw new FatalError("OPTION_MISSING", `${option} is missing`, {
      data: { option },
      hint: "Say whose pay and when: npx hardhat explain --uid 0 --epoch 0.",
    });
  }
  const value = parseCount(option, text);
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new FatalError("NUMBER_INVALID", `${option} ${text} is too large`, {
    data: { option, text },
    hint: "Give a whole number as npx hardhat metagraph shows it.",
  });
}

export default verbAction(explainVerb);
