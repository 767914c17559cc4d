import { readIssuance, readSetParameters, type SetParameters } from "../chain/actions/readSettlementFacts.ts";
import type { RunContracts } from "../chain/run.ts";
import type { SettlementFacts } from "../protocol/payReceipt.ts";

/** By what epochs are settled and paid; each block is read for it once. */
export class ParameterSets {
  readonly #contracts: RunContracts;
  #next: bigint;
  #known: SetParameters = { splits: [], consensus: [] };

  constructor(contracts: RunContracts) {
    this.#contracts = contracts;
    this.#next = contracts.deployBlock;
  }

  /** Blocks were replaced: all is read again. */
  forget(): void {
    this.#next = this.#contracts.deployBlock;
    this.#known = { splits: [], consensus: [] };
  }

  /** As of block `head`. @throws RetryableError as `rpcError` */
  async facts(head: bigint, signal: AbortSignal): Promise<SettlementFacts> {
    const from = this.#next;
    const known = this.#known;
    const [issuance, more] = await Promise.all([
      readIssuance(this.#contracts, head, signal),
      from > head ? undefined : readSetParameters(this.#contracts, from, head, signal),
    ]);
    // Unless another call read the same meanwhile, or they were forgotten.
    if (more !== undefined && this.#known === known) {
      const { splits, consensus } = known;
      this.#known = { splits: [...splits, ...more.splits], consensus: [...consensus, ...more.consensus] };
      this.#next = head + 1n;
    }
    return { ...issuance, ...this.#known };
  }
}
