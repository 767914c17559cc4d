import { join } from "node:path";
import { keccak256, toHex } from "viem";
import type { SigningRun } from "../../workers/chain/run.ts";
import { EvaluationBook } from "../../workers/database/evaluationBook.ts";
import { Journal } from "../../workers/database/journal.ts";
import type { RoundEntry } from "../../workers/evaluation/evaluationLog.ts";
import type { LossFunction } from "../../workers/evaluation/lossScore.ts";
import { UpdateReader } from "../../workers/node/updateReader.ts";
import type { Epoch, NeuronId, Round } from "../../workers/protocol/quantities.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import type { ContentStore } from "../../workers/storage/contentStore.ts";
import { AttestDuty } from "../../workers/validator/attestDuty.ts";
import { Auditor } from "../../workers/validator/auditor.ts";
import { RoundEvaluator } from "../../workers/validator/roundEvaluator.ts";
import { WeightsDuty } from "../../workers/validator/weightsDuty.ts";
import { type LabHost, labMachine } from "./labHost.ts";
import { timeless } from "./virtualClock.ts";

export interface LabValidatorOptions {
  readonly host: LabHost;
  readonly signing: SigningRun;
  readonly neuronId: NeuronId;
  readonly folder: string;
  /** Where it reads updates from. */
  readonly store: ContentStore;
  readonly losses: LossFunction;
}

/** A validator's duties over the workers' own code, called one by one instead of by the clock. */
export class LabValidator {
  readonly #attestDuty: AttestDuty;
  readonly #evaluator: RoundEvaluator;
  readonly #weightsDuty: WeightsDuty;
  readonly #close: () => void;

  constructor({ host, signing, neuronId, folder, store, losses }: LabValidatorOptions) {
    const { run, follower, beacons, states, dataset, clock } = host;
    const updates = new UpdateReader({ ...run, store }, clock);
    const metrics = { record: () => undefined };
    const common = { run, follower, beacons, states, updates, dataset, clock, log: silentLog, metrics };
    const book = new EvaluationBook(join(folder, "evaluations.sqlite"));
    const journal = new Journal(join(folder, "journal.sqlite"), { neuronId: `${neuronId}` });
    let salts = 0;
    this.#attestDuty = new AttestDuty({ ...common, signing, validator: neuronId });
    const { engine } = host;
    const auditor = new Auditor({
      ...common,
      // What is published can be had from a network that loses reads as from any other.
      run: { ...run, store },
      engine,
      machine: labMachine,
      clock: timeless,
    });
    this.#evaluator = new RoundEvaluator({ ...common, validator: neuronId, book, losses, auditor });
    this.#weightsDuty = new WeightsDuty({
      ...common,
      signing,
      validator: neuronId,
      evaluator: this.#evaluator,
      book,
      journal,
      randomSalt: () => keccak256(toHex(`weights ${neuronId} ${salts++}`)),
      machine: { provider: "cpu", engine: "laboratory", processor: "laboratory" },
      checkpointDuty: { sign: async () => null },
      folder,
    });
    this.#close = () => {
      book.close();
      journal.close();
    };
  }

  attest(round: Round, signal: AbortSignal): Promise<void> {
    return this.#attestDuty.attest(round, signal);
  }

  evaluate(round: Round, signal: AbortSignal): Promise<RoundEntry> {
    return this.#evaluator.evaluate(round, signal);
  }

  commit(epoch: Epoch, signal: AbortSignal): Promise<void> {
    return this.#weightsDuty.commit(epoch, signal);
  }

  reveal(epoch: Epoch, signal: AbortSignal): Promise<void> {
    return this.#weightsDuty.reveal(epoch, signal);
  }

  close(): void {
    this.#close();
  }
}
