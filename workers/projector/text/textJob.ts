import type { Hex } from "viem";
import type { ModelSettings } from "../../protocol/manifest.ts";
import type { Round } from "../../protocol/quantities.ts";
import type { ContentRef } from "../../storage/contentStore.ts";
import type { StoreSettings } from "../../storage/openStore.ts";
import type { ApiError } from "../api.ts";
import type { ModelRow, TextEvent, TextRequest } from "../apiText.ts";

/** A state of the model, and where it can be had. */
export interface WritableModel {
  readonly round: Round;
  readonly stateRoot: Hex;
  readonly source: ModelRow["source"];
  /** Content of the store, or the folder of a worker that saved it. */
  readonly from: { readonly ref: ContentRef } | { readonly folder: string };
}

/** What the process that writes is given, as one message. */
export interface TextJob extends Omit<TextRequest, "models"> {
  readonly models: readonly WritableModel[];
  readonly model: ModelSettings;
  readonly store: StoreSettings;
}

/** What it says; after `failed` or an event `end` it says no more. */
export type TextMessage =
  | TextEvent
  | { readonly type: "failed"; readonly error: ApiError; readonly retryable: boolean };

/** Writes a job's texts. Ends with the signal's reason when it aborts; whatever was started for it is gone then. */
export type WriteText = (job: TextJob, signal: AbortSignal) => AsyncGenerator<TextEvent, void, undefined>;
