import { type Address, isAddressEqual, maxUint256, parseEventLogs } from "viem";
import { claimPermit } from "../../workers/chain/actions/claimPermit.ts";
import { metagraphAbi, stakeManagerAbi } from "../../workers/chain/generated/abi.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import type { RunContracts } from "../../workers/chain/run.ts";
import type { Sent } from "../../workers/chain/sender.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import type { NeuronId, Uid } from "../../workers/protocol/quantities.ts";
import { amount, count } from "../format.ts";
import { actAs } from "./acting.ts";
import { ensureFunds } from "./funds.ts";
import { coldkeyOf, type IdentityArguments } from "./keys.ts";
import { neuronOf } from "./neuron.ts";
import { openRun } from "./openRun.ts";
import { transactionJson } from "./outcome.ts";
import { type Outcome, type VerbContext, verbAction } from "./verb.ts";

const PERMIT_GAS = 250_000n;

/**
 * Claims the permit to validate for the neuron of `--as`.
 * @throws FatalError STAKE_BELOW_MINIMUM, ALREADY_PERMITTED, NOT_OPERATOR; as `openRun`, `neuronOf`, `claimPermit`
 */
export async function permitVerb(args: IdentityArguments, context: VerbContext): Promise<Outcome> {
  const { signal } = context;
  const run = await openRun(args, context);
  const neuronId = await neuronOf(run, args, signal);
  const coldkey = await coldkeyOf(args, context, "refuse");
  const { uid } = await requireClaimable(run, neuronId, coldkey.address, 0n, signal);
  await ensureFunds(run, { role: "coldkey", account: coldkey.address, gas: PERMIT_GAS }, context);
  const intent = { does: `claim the permit to validate for uid ${uid}` };
  const sent = await claimPermit(actAs(run, coldkey, context, intent), uid, signal);
  return permitOutcome(uid, sent);
}

/**
 * The uid of a neuron whose permit the coldkey can claim once `added` wei more are staked on it.
 * @throws FatalError NOT_OPERATOR, ALREADY_PERMITTED, STAKE_BELOW_MINIMUM
 */
export async function requireClaimable(
  run: RunContracts,
  neuronId: NeuronId,
  coldkey: Address,
  added: bigint,
  signal: AbortSignal,
): Promise<{ readonly uid: Uid }> {
  const client = run.publicClient;
  const metagraph = { address: run.addresses.metagraph, abi: metagraphAbi } as const;
  const pools = { address: run.addresses.stakeManager, abi: stakeManagerAbi } as const;
  const args = [neuronId] as const;
  const [[owner, , uid], { minValidatorStake }, staked, permits] = await callRpc(
    "read the neuron",
    signal,
    () =>
      Promise.all([
        client.readContract({ ...metagraph, functionName: "neuron", args }),
        client.readContract({ ...metagraph, functionName: "parameters" }),
        client.readContract({ ...pools, functionName: "poolAssets", args }),
        client.readContract({ ...metagraph, functionName: "permitsAt", args: [2n ** 32n - 1n] }),
      ]),
  );
  if (!isAddressEqual(owner, coldkey)) {
    throw new FatalError("NOT_OPERATOR", `neuron ${neuronId} belongs to ${owner}, not to ${coldkey}`, {
      data: { neuronId, owner, coldkey },
      hint: "Only its owner claims a neuron's permit: leave --permit out, or give its coldkey.",
    });
  }
  if (((permits >> uid) & 1n) === 1n) {
    throw new FatalError("ALREADY_PERMITTED", `uid ${uid} (neuron ${neuronId}) has its permit already`, {
      data: { neuronId, uid: Number(uid) },
      hint: "Nothing is left to do: start the validator. To add stake alone, leave --permit out.",
    });
  }
  const stake = staked + added;
  if (stake < minValidatorStake) {
    const missing = minValidatorStake - stake;
    const message = `neuron ${neuronId} would have ${amount(stake, "WEFT")} staked, validating needs ${amount(minValidatorStake, "WEFT")}`;
    throw new FatalError("STAKE_BELOW_MINIMUM", message, {
      data: { neuronId, stake, minimum: minValidatorStake },
      hint: `Stake at least ${amount(missing, "WEFT")} more with npx hardhat stake.`,
    });
  }
  return { uid: Number(uid) };
}

/** What a claim brought: from which epoch on, and whose permit it took. */
export function permitOutcome(uid: Uid, sent: Sent): Outcome {
  const [event] = parseEventLogs({ abi: metagraphAbi, eventName: "PermitClaimed", logs: sent.logs });
  if (event === undefined) throw new FatalError("EVENT_MISSING", "the permit claim left no event");
  const { fromEpoch, evictedUid } = event.args;
  const evicted = evictedUid === maxUint256 ? undefined : Number(evictedUid);
  const took = evicted === undefined ? "" : `, in place of uid ${evicted}`;
  return {
    lines: [`uid ${uid} may validate from epoch ${fromEpoch} on${took}, gas ${count(sent.gasUsed)}`],
    json: { uid, fromEpoch: Number(fromEpoch), evictedUid: evicted ?? null, ...transactionJson(sent) },
  };
}

export default verbAction(permitVerb);
