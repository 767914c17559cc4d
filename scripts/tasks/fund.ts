import type { Account, Address } from "viem";
import { fund } from "../../workers/chain/actions/fund.ts";
import { readBalances } from "../../workers/chain/actions/readBalances.ts";
import type { RunContracts, SigningRun } from "../../workers/chain/run.ts";
import type { Sent } from "../../workers/chain/sender.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { parseAddress } from "./address.ts";
import { parseAmount } from "./amounts.ts";
import { insufficientTokens, localBank } from "./funds.ts";
import { namedAddress, namedKey } from "./keys.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbArguments, type VerbContext, verbAction } from "./verb.ts";

export interface FundArguments extends VerbArguments {
  /** NAME who receives: coin goes to the hotkey, WEFT to the coldkey. */
  readonly as?: string;
  /** Address that receives both, or "coldkey" or "hotkey" of `--as`. */
  readonly to?: string;
  /** NAME whose coldkey pays. */
  readonly from?: string;
  /** Whole coins. */
  readonly coin?: string;
  /** Whole WEFT. */
  readonly tokens?: string;
}

interface Transfer {
  readonly to: Address;
  readonly unit: "coin" | "WEFT";
  readonly wei: bigint;
}

/**
 * Sends coin for gas, WEFT, or both.
 * @throws FatalError AMOUNT_MISSING, AMOUNT_INVALID, ADDRESS_INVALID, NO_RECIPIENT, NO_PAYER, INSUFFICIENT_FUNDS,
 * INSUFFICIENT_TOKENS; as `openRun`, `namedKey`, `fund`
 */
export async function fundVerb(args: FundArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const coin = args.coin === undefined ? 0n : parseAmount("--coin", args.coin);
  const tokens = args.tokens === undefined ? 0n : parseAmount("--tokens", args.tokens);
  if (coin + tokens === 0n) parseAmount("--coin or --tokens", undefined);
  const run = await openRun(args, context);
  const recipients = await recipientsOf(args);
  const payer = await payerOf(run, args, context);
  const { address } = payer;
  const held = await readBalances(run, address, signal);
  if (held.tokens < tokens) throw insufficientTokens("payer", address, held.tokens, tokens);
  if (held.coin < coin) {
    throw new FatalError("INSUFFICIENT_FUNDS", `payer ${address} has ${amount(held.coin, "coin")}`, {
      data: { account: address, held: held.coin, needed: coin },
      hint: `Sending ${amount(coin, "coin")} needs that and the gas. Ask for less, or name another payer.`,
    });
  }
  const transfers: Transfer[] = [];
  if (coin > 0n) transfers.push({ to: recipients.coin, unit: "coin", wei: coin });
  if (tokens > 0n) transfers.push({ to: recipients.tokens, unit: "WEFT", wei: tokens });
  const does = transfers.map(({ to, unit, wei }) => `send ${amount(wei, unit)} to ${to}`).join(" and ");
  const signing = actAs(run, payer, context, { does, irreversible: true });
  const lines: string[] = [];
  const json: Record<string, unknown>[] = [];
  for (const transfer of transfers) {
    const sent = await send(signing, transfer, signal);
    const { to, unit, wei } = transfer;
    lines.push(`sent ${amount(wei, unit)} to ${to}, gas ${count(sent.gasUsed)}`);
    json.push({ to, unit, amount: weftJson(wei), ...transactionJson(sent) });
  }
  return { lines, json: { from: address, transfers: json } };
}

async function send(payer: SigningRun, { to, unit, wei }: Transfer, signal: AbortSignal): Promise<Sent> {
  const [sent] = await fund(payer, unit === "coin" ? { to, coin: wei } : { to, tokens: wei }, signal);
  return sent;
}

async function recipientsOf({ as, to, dir }: FundArguments): Promise<{ coin: Address; tokens: Address }> {
  if (to !== undefined && to !== "coldkey" && to !== "hotkey") {
    const address = parseAddress("--to", to);
    return { coin: address, tokens: address };
  }
  if (as === undefined) {
    throw new FatalError("NO_RECIPIENT", "it is not said who receives", {
      hint: "Give --to ADDRESS, or --as NAME.",
    });
  }
  const key = (role: "coldkey" | "hotkey") => namedAddress(dir, as, role);
  return { coin: await key(to ?? "hotkey"), tokens: await key(to ?? "coldkey") };
}

/** `--from`, else the account of `--network`'s configuration, else on the local chain the node's first account. */
async function payerOf(run: RunContracts, args: FundArguments, context: VerbContext): Promise<Account> {
  const named =
    args.from === undefined ? undefined : await namedKey(args, args.from, "coldkey", context, "refuse");
  const account = named ?? (await context.network?.account());
  if (account !== undefined) return account;
  const bank = await localBank(run, context.signal);
  if (bank !== undefined) return bank;
  throw new FatalError("NO_PAYER", "it is not said who pays", {
    hint: "Give --from NAME, or --network with an account in its configuration.",
  });
}

export default verbAction(fundVerb);
