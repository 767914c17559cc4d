import type { Account, Address, Hex, PublicClient, Transport } from "viem";
import type { RoundClock } from "../protocol/clock.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { Steps } from "../runtime/steps.ts";
import { type Sender, type SenderSettings, TransactionSender } from "./sender.ts";
import { signerFor } from "./signer.ts";

/** Where a run's contracts stand. */
export interface RunAddresses {
  readonly registry: Address;
  readonly token: Address;
  readonly stakeManager: Address;
  readonly metagraph: Address;
  readonly updateLedger: Address;
  readonly attestationLedger: Address;
  readonly weightLedger: Address;
  readonly epochEngine: Address;
  readonly emission: Address;
  readonly vault: Address;
  readonly slashing: Address;
  readonly challenge: Address;
  readonly checkpointLedger: Address;
  readonly directory: Address;
}

/** The manifest as the registry names it: sha256 of its canonical bytes, digest of its root CID, size in bytes. */
export interface ManifestRef {
  readonly hash: Hex;
  readonly digest: Hex;
  readonly size: number;
}

/** A run on a chain, ready to be read. */
export interface RunContracts {
  readonly chainId: number;
  readonly addresses: RunAddresses;
  readonly clock: RoundClock;
  readonly manifest: ManifestRef;
  /** No event of the run stands in an earlier block. */
  readonly deployBlock: bigint;
  readonly publicClient: PublicClient;
  readonly transport: Transport;
}

/** A run and the key that acts on it. */
export interface SigningRun extends RunContracts {
  readonly sender: Sender;
}

export interface SigningOptions {
  readonly clock: Clock;
  readonly log?: Log;
  readonly metrics?: Metrics;
  readonly settings?: Partial<SenderSettings>;
  readonly steps?: Steps;
}

/** The run with a sender for `account`. Make one per key and process, and share it. */
export function signingRun(
  run: RunContracts,
  account: Account,
  options: SigningOptions,
): SigningRun & { readonly sender: TransactionSender } {
  const signer = signerFor(account, run.publicClient, run.chainId, run.transport);
  return { ...run, sender: new TransactionSender({ client: run.publicClient, signer, ...options }) };
}
