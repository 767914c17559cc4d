import { claimPermit } from "../../workers/chain/actions/claimPermit.ts";
import { stake } from "../../workers/chain/actions/stake.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { parseAmount } from "./amounts.ts";
import { ensureFunds } from "./funds.ts";
import { coldkeyOf } from "./keys.ts";
import { type NeuronArguments, neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { permitOutcome, requireClaimable } from "./permit.ts";
import { readPool } from "./pool.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

export interface StakeArguments extends NeuronArguments {
  /** Whole WEFT. */
  readonly amount?: string;
  /** Claim the permit to validate as well. */
  readonly permit: boolean;
}

/** Stake with its token permit, and a permit claim. */
const STAKE_GAS = 500_000n;

/**
 * Stakes the coldkey's tokens on a neuron, the own one or another's.
 * @throws FatalError AMOUNT_MISSING, AMOUNT_INVALID, INSUFFICIENT_FUNDS, INSUFFICIENT_TOKENS, and with `--permit`
 * STAKE_BELOW_MINIMUM, ALREADY_PERMITTED, NOT_OPERATOR, before anything is sent; as `openRun`, `neuronOf`, `stake`
 */
export async function stakeVerb(args: StakeArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const assets = parseAmount("--amount", args.amount);
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const coldkey = await coldkeyOf(args, context, "create");
  const claim = args.permit
    ? await requireClaimable(run, neuronId, coldkey.address, assets, signal)
    : undefined;
  const needs = { role: "coldkey", account: coldkey.address, gas: STAKE_GAS, tokens: assets };
  await ensureFunds(run, needs, context);
  const does = `stake ${amount(assets, "WEFT")} on neuron ${neuronId}`;
  const signing = actAs(run, coldkey, context, { does });
  const sent = await stake(signing, neuronId, assets, signal);
  const pool = await readPool(run, neuronId, coldkey.address, signal);
  const done = `staked ${amount(assets, "WEFT")} on neuron ${neuronId}, gas ${count(sent.gasUsed)}`;
  const standing = `  its pool holds ${amount(pool.total, "WEFT")}, ${amount(pool.own, "WEFT")} of it yours`;
  const json = {
    neuronId: String(neuronId),
    coldkey: coldkey.address,
    staked: weftJson(assets),
    ownStake: weftJson(pool.own),
    poolStake: weftJson(pool.total),
    ...transactionJson(sent),
  };
  if (claim === undefined) return { lines: [done, standing], json };
  const permit = permitOutcome(claim.uid, await claimPermit(signing, claim.uid, signal));
  return { lines: [done, standing, ...permit.lines], json: { ...json, permit: permit.json } };
}

export default verbAction(stakeVerb);
