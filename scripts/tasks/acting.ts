import type { Account } from "viem";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import { type RunContracts, type SigningRun, signingRun } from "../../workers/chain/run.ts";
import type { Call, Sender, Sent, TransactionSender } from "../../workers/chain/sender.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { weftJson } from "../../workers/protocol/tokenAmount.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { amount, count } from "../format.ts";
import { DryRunEnd } from "./dryRun.ts";
import { localChainId } from "./funds.ts";
import type { VerbContext } from "./verb.ts";

/** What a verb is about to do, for the question and for `--dry-run`. */
export interface Intent {
  /** In words, e.g. "stake 12.50 WEFT on neuron 3". */
  readonly does: string;
  /** Whether a mistake could not be taken back: then it is asked before. */
  readonly irreversible?: boolean;
}

/**
 * The run with a sender that does what the reader asked for: with `--dry-run` it tries the first transaction against the
 * pending block and ends there; before what cannot be taken back it asks, unless `--yes` or the chain is a local one.
 * Its `send` throws DryRunEnd, and FatalError NOT_CONFIRMED, CONFIRMATION_NEEDED, besides what a sender throws.
 */
export function actAs(run: RunContracts, account: Account, context: VerbContext, intent: Intent): SigningRun {
  const signing = signingRun(run, account, { clock: systemClock });
  return { ...signing, sender: new AskingSender(run, signing.sender, context, intent) };
}

class AskingSender implements Sender {
  readonly #run: RunContracts;
  readonly #sender: TransactionSender;
  readonly #context: VerbContext;
  readonly #intent: Intent;
  #asked = false;

  constructor(run: RunContracts, sender: TransactionSender, context: VerbContext, intent: Intent) {
    this.#run = run;
    this.#sender = sender;
    this.#context = context;
    this.#intent = intent;
  }

  get address() {
    return this.#sender.address;
  }

  get signer() {
    return this.#sender.signer;
  }

  async send(call: Call, signal: AbortSignal): Promise<Sent> {
    if (!this.#asked) await this.#ask(call, signal);
    this.#asked = true;
    return this.#sender.send(call, signal);
  }

  async #ask(call: Call, signal: AbortSignal): Promise<void> {
    const { does, irreversible = false } = this.#intent;
    const { dryRun, yes, confirm } = this.#context.consent;
    const isLocal = this.#run.chainId === localChainId;
    if (!dryRun && (yes || !irreversible || isLocal)) return;
    const cost = await this.#cost(call, signal);
    const price = `gas ${count(cost.gas)}, at most ${amount(cost.fee, "coin")}`;
    if (dryRun) {
      throw new DryRunEnd({
        lines: [`would ${does}, ${price}`, "  The chain would take it now. Nothing was sent."],
        json: {
          dryRun: true,
          would: does,
          action: call.action,
          from: this.address,
          gas: Number(cost.gas),
          mostFee: weftJson(cost.fee),
        },
      });
    }
    if (confirm === undefined) {
      throw new FatalError("CONFIRMATION_NEEDED", `this would ${does}, which cannot be taken back`, {
        hint: "Look at it with --dry-run, then give --yes.",
      });
    }
    if (!(await confirm(`This will ${does} (${price}). It cannot be taken back.`))) {
      throw new FatalError("NOT_CONFIRMED", "nothing was sent", { hint: "Answer y, or give --yes." });
    }
  }

  async #cost(call: Call, signal: AbortSignal): Promise<{ readonly gas: bigint; readonly fee: bigint }> {
    const gas = await this.#sender.estimate(call, signal);
    const { maxFeePerGas } = await callRpc("read the fees", signal, () =>
      this.#run.publicClient.estimateFeesPerGas(),
    );
    return { gas, fee: gas * maxFeePerGas };
  }
}
