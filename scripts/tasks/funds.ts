import { type Account, type Address, createWalletClient, parseEther } from "viem";
import { parseAccount } from "viem/accounts";
import { fund } from "../../workers/chain/actions/fund.ts";
import { readBalances } from "../../workers/chain/actions/readBalances.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import { type RunContracts, signingRun } from "../../workers/chain/run.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { amount } from "../format.ts";
import { DryRunEnd } from "./dryRun.ts";
import type { Outcome, VerbContext } from "./verb.ts";

/** What an account needs to have for a verb. */
export interface Needs {
  /** For messages, e.g. "coldkey". */
  readonly role: string;
  readonly account: Address;
  /** Gas it will use, about. */
  readonly gas: bigint;
  /** Wei of WEFT; none when absent. */
  readonly tokens?: bigint;
  /** Wei of WEFT given on top on the local chain, where a price may rise until the transaction is mined. */
  readonly room?: bigint;
}

/** The chain id of Hardhat's node: nothing has value there. */
export const localChainId = 31_337;
/** Coin that an account on the local chain is given when it runs low. */
const LOCAL_COIN = parseEther("10");

/**
 * Makes sure that an account can pay. On the local chain the node's first account, which holds the rest of the genesis
 * allocation, gives what is missing; elsewhere nobody does.
 * @throws FatalError INSUFFICIENT_FUNDS (coin for gas), INSUFFICIENT_TOKENS
 */
export async function ensureFunds(run: RunContracts, needs: Needs, context: VerbContext): Promise<void> {
  const { role, account, tokens = 0n, room = 0n } = needs;
  const { signal } = context;
  const held = await readBalances(run, account, signal);
  const gasPrice = await callRpc("read the gas price", signal, () => run.publicClient.getGasPrice());
  const coinNeeded = needs.gas * gasPrice;
  const lacksCoin = held.coin < coinNeeded;
  const lacksTokens = held.tokens < tokens;
  if (!lacksCoin && !lacksTokens) return;
  const bank = await localBank(run, signal);
  if (bank === undefined) {
    if (lacksCoin) throw insufficientCoin(role, account, held.coin, coinNeeded);
    throw insufficientTokens(role, account, held.tokens, tokens);
  }
  const funding = {
    coin: lacksCoin ? LOCAL_COIN : 0n,
    tokens: lacksTokens ? tokens - held.tokens + room : 0n,
  };
  await requireBank(run, bank, funding.tokens, signal);
  const parts = [
    ...(lacksCoin ? [amount(funding.coin, "ETH")] : []),
    ...(lacksTokens ? [amount(funding.tokens, "WEFT")] : []),
  ];
  if (context.consent.dryRun) throw new DryRunEnd(wouldGive(`${role} ${account}`, parts.join(" and ")));
  await fund(signingRun(run, bank, { clock: systemClock }), { to: account, ...funding }, signal);
  context.say(`local chain: gave ${role} ${account} ${parts.join(" and ")} from the node's first account`);
}

function wouldGive(who: string, what: string): Outcome {
  const would = `give ${who} ${what} from the node's first account`;
  return {
    lines: [`local chain: would ${would}`, "  What comes after cannot be tried before. Nothing was sent."],
    json: { dryRun: true, would },
  };
}

/** The node's first unlocked account on the local chain; undefined on any other chain. */
export async function localBank(run: RunContracts, signal: AbortSignal): Promise<Account | undefined> {
  if (run.chainId !== localChainId) return undefined;
  const node = createWalletClient({ transport: run.transport });
  const [first] = await callRpc("read the node's accounts", signal, () => node.getAddresses());
  return first === undefined ? undefined : parseAccount(first);
}

async function requireBank(run: RunContracts, { address }: Account, tokens: bigint, signal: AbortSignal) {
  const held = await readBalances(run, address, signal);
  if (held.tokens < tokens)
    throw insufficientTokens("the node's first account", address, held.tokens, tokens);
}

function insufficientCoin(role: string, account: Address, held: bigint, needed: bigint): FatalError {
  const message = `${role} ${account} has ${amount(held, "coin")} and needs about ${amount(needed, "coin")} for gas`;
  return new FatalError("INSUFFICIENT_FUNDS", message, {
    data: { account, held, needed },
    hint: "Send it some of the chain's coin, from a wallet or with npx hardhat fund, and run this again.",
  });
}

/** The typed error where an account lacks WEFT. */
export function insufficientTokens(role: string, account: Address, held: bigint, needed: bigint): FatalError {
  const message = `${role} ${account} has ${amount(held, "WEFT")} and needs ${amount(needed, "WEFT")}`;
  return new FatalError("INSUFFICIENT_TOKENS", message, {
    data: { account, held, needed },
    hint: `Send it ${amount(needed - held, "WEFT")} or more, or ask for less.`,
  });
}
