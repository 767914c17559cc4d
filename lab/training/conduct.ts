import type { UpdatePolicy } from "../../workers/miner/updatePolicy.ts";
import type { Round } from "../../workers/protocol/quantities.ts";

/** How a miner of the training tier behaves: its updates, and what it does with them. */
export interface Conduct {
  readonly policy: UpdatePolicy;
  /** Inner steps it makes, as a share of an honest miner's. */
  readonly compute: number;
  /**
   * Whether its worker states name the machine that they come from, so that audits compare bits; who has something to hide
   * names another one and is compared within the tolerance.
   */
  readonly honest?: true;
  /** Other bytes than the update's, to commit to. */
  readonly bytes?: (plain: Uint8Array, round: Round) => Uint8Array;
  /** When it commits; in the commit phase unless told. */
  readonly commits?: "late";
  /** Whether it opens its commit; it does unless told. */
  readonly reveals?: false;
  /** When its content can be had: never, or only in the attest phase; from the commit on unless told. */
  readonly serves?: "never" | "attestPhase";
}
