import { type Address, encodeFunctionData, type Hex } from "viem";
import { call, getBlock, readContract, sendTransaction, waitForTransactionReceipt } from "viem/actions";
import { emissionAbi, stakeManagerAbi, weftTokenAbi } from "../../../workers/chain/generated/abi.ts";
import type { Connected, StakeAddresses } from "./account.ts";
import { WalletError } from "./failure.ts";
import { allowingOf, withPermit } from "./permit.ts";

/** What the wallet's owner is to do, or waits for. */
export type Step =
  | { readonly name: "sign" | "approve" | "confirm" }
  | { readonly name: "mining"; readonly hash: Hex };

export interface Acting {
  readonly account: Connected;
  readonly addresses: StakeAddresses;
  readonly onStep: (step: Step) => void;
}

/** Most of the shares expected now that the pool's movement until then may cost, in basis points. */
const slippageBps = 50n;
/** Seconds of chain time that a call stays valid: long enough for a wallet's owner and a congested chain. */
const validSeconds = 600n;

/** Stakes `assets` wei on a neuron. @throws WalletError; what viem and the wallet throw */
export async function stake(acting: Acting, neuronId: bigint, assets: bigint): Promise<Hex> {
  const { account, addresses, onStep } = acting;
  const { client } = account;
  const { stakeManager: to, token } = addresses;
  const pool = { address: to, abi: stakeManagerAbi } as const;
  const [expected, deadline, allowing] = await Promise.all([
    readContract(client, { ...pool, functionName: "previewStake", args: [neuronId, assets] }),
    deadlineOf(account),
    allowingOf(account, addresses, assets),
  ]);
  const minShares = (expected * (10_000n - slippageBps)) / 10_000n;
  const args = [neuronId, assets, minShares, deadline] as const;
  const data = encodeFunctionData({ abi: stakeManagerAbi, functionName: "stake", args });
  if (allowing === "permit") {
    onStep({ name: "sign" });
    return send(acting, to, await withPermit(account, addresses, { value: assets, deadline, call: data }));
  }
  if (allowing === "approve") {
    onStep({ name: "approve" });
    const approval = encodeFunctionData({ abi: weftTokenAbi, functionName: "approve", args: [to, assets] });
    await send(acting, token, approval);
  }
  return send(acting, to, data);
}

/** Gives up stake worth `assets` wei, or all of it. A pool's share never loses value meanwhile: no minimum is asked. */
export async function unstake(acting: Acting, neuronId: bigint, assets: bigint | "all"): Promise<Hex> {
  const { account, addresses } = acting;
  const pool = { address: addresses.stakeManager, abi: stakeManagerAbi } as const;
  const owner = [neuronId, account.address] as const;
  const [held, worth, deadline] = await Promise.all([
    readContract(account.client, { ...pool, functionName: "shares", args: owner }),
    readContract(account.client, { ...pool, functionName: "assetsOf", args: owner }),
    deadlineOf(account),
  ]);
  const args = [neuronId, sharesFor(assets, held, worth), 0n, deadline] as const;
  const data = encodeFunctionData({ abi: stakeManagerAbi, functionName: "unstake", args });
  return send(acting, addresses.stakeManager, data);
}

/** Pays out what was unstaked from a neuron and is released. */
export function withdraw(acting: Acting, neuronId: bigint): Promise<Hex> {
  const data = encodeFunctionData({ abi: stakeManagerAbi, functionName: "withdraw", args: [neuronId] });
  return send(acting, acting.addresses.stakeManager, data);
}

/** Pays a neuron's earnings to its coldkey; anyone may. */
export function claim(acting: Acting, neuronId: bigint): Promise<Hex> {
  const data = encodeFunctionData({ abi: emissionAbi, functionName: "claim", args: [neuronId] });
  return send(acting, acting.addresses.emission, data);
}

/** Shares worth at least `assets` wei, rounded up, at most all that are held. Holding none: 1, which the contract refuses. */
export function sharesFor(assets: bigint | "all", held: bigint, worth: bigint): bigint {
  if (held === 0n) return 1n;
  if (assets === "all" || assets >= worth) return held;
  return (assets * held + worth - 1n) / worth;
}

/** Tries the call first, so that a refusal is known, with its reason, before the wallet asks anything. */
async function send({ account, onStep }: Acting, to: Address, data: Hex): Promise<Hex> {
  const { client, address } = account;
  await call(client, { account: address, to, data });
  onStep({ name: "confirm" });
  const hash = await sendTransaction(client, { chain: null, to, data });
  onStep({ name: "mining", hash });
  let cancelled = false;
  const receipt = await waitForTransactionReceipt(client, {
    hash,
    onReplaced: ({ reason }) => {
      cancelled = reason !== "repriced";
    },
  });
  if (cancelled) {
    throw new WalletError({
      code: "REPLACED",
      message: "The wallet sent another transaction in its place.",
      hint: "Look into the wallet's history.",
    });
  }
  if (receipt.status !== "success") {
    throw new WalletError({
      code: "REVERTED",
      message: "The chain refused the transaction, although it would have taken it before.",
      hint: "Something changed meanwhile. Look at the figures, then try again.",
    });
  }
  return receipt.transactionHash;
}

async function deadlineOf({ client }: Connected): Promise<bigint> {
  return (await getBlock(client)).timestamp + validSeconds;
}
